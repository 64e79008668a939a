#include "zones/text/yaml_file.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "zones/text/messages.hpp"
#include "zones/text/yaml_events.hpp"

namespace meshdns::text {
namespace {

// The formats need six levels at most.
constexpr std::size_t kMaxDepth = 32;

// Far above what a resource holds, and 100 MB as a tree.
constexpr std::size_t kMaxValues = 500'000;

// Up to here it is cheaper to compare all keys of a map with each other than to sort them.
constexpr std::size_t kFewKeys = 16;

constexpr std::array<std::string_view, 5> kNothing{"", "~", "null", "Null", "NULL"};

YamlNode make_node(YamlNode::Kind kind, TextPosition at) {
  YamlNode node;
  node.kind = kind;
  node.at = at;
  return node;
}

class TreeBuilder {
 public:
  TreeBuilder(std::span<const std::string_view> streamed_keys, const YamlCallbacks& callbacks)
      : streamed_keys_(streamed_keys), callbacks_(callbacks) {}

  bool saw_document() const { return saw_document_; }

  void take(const YamlEvent& event) {
    count(event);
    switch (event.kind) {
      case YamlEvent::Kind::Scalar:
        take_scalar(event);
        break;
      case YamlEvent::Kind::Alias:
        throw YamlFault{event.at, "aliases are not supported, expected the value itself"};
      case YamlEvent::Kind::ListStart:
        open(YamlNode::Kind::List, event.at);
        break;
      case YamlEvent::Kind::MapStart:
        open(YamlNode::Kind::Map, event.at);
        break;
      case YamlEvent::Kind::MapEnd:
        refuse_duplicate_keys(open_.back());
        close();
        break;
      case YamlEvent::Kind::ListEnd:
        close();
        break;
    }
  }

 private:
  struct PendingKey {
    std::string text;
    TextPosition at;
  };

  // Keys are values here, too. Those of an item of a streamed list are forgotten when it is complete.
  void count(const YamlEvent& event) {
    if (event.kind == YamlEvent::Kind::ListEnd || event.kind == YamlEvent::Kind::MapEnd) {
      return;
    }
    ++(is_streaming_ ? values_of_item_ : values_of_document_);
    if (values_of_item_ + values_of_document_ > kMaxValues) {
      throw YamlFault{event.at, fmt::format("more than {} values in one document or item", kMaxValues)};
    }
  }

  void take_scalar(const YamlEvent& event) {
    const bool is_nothing = !event.quoted && std::ranges::find(kNothing, event.text) != kNothing.end();
    if (!is_nothing && !open_.empty() && open_.back().kind == YamlNode::Kind::Map && !pending_key_) {
      pending_key_ = PendingKey{std::string(event.text), event.at};
      return;
    }
    YamlNode node = make_node(is_nothing ? YamlNode::Kind::Nothing : YamlNode::Kind::Scalar, event.at);
    if (!is_nothing) {
      node.style = event.style;
      node.quoted = event.quoted;
      node.text = event.text;
    }
    take_key(node);
    add(std::move(node));
  }

  void take_key(YamlNode& node) {
    if (open_.empty() || open_.back().kind != YamlNode::Kind::Map) {
      return;
    }
    if (!pending_key_) {
      throw YamlFault{node.at, "a key is not text, expected a word such as 'name'"};
    }
    node.key = std::move(pending_key_->text);
    node.key_at = pending_key_->at;
    pending_key_.reset();
    // libyaml places a missing value behind its key.
    if (node.kind == YamlNode::Kind::Nothing) {
      node.at = node.key_at;
    }
  }

  void open(YamlNode::Kind kind, TextPosition at) {
    if (open_.size() == kMaxDepth) {
      throw YamlFault{at, fmt::format("nested deeper than {} levels", kMaxDepth)};
    }
    YamlNode node = make_node(kind, at);
    take_key(node);
    open_.push_back(std::move(node));
    is_streaming_ = is_streaming_ || is_streamed_list_open();
  }

  void close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    is_streaming_ = is_streaming_ && open_.size() > 1;
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      if (node.kind != YamlNode::Kind::Nothing) {
        saw_document_ = true;
        callbacks_.on_document(node);
      }
      values_of_document_ = 0;
    } else if (is_streamed_list_open()) {
      callbacks_.on_item(open_[1].key, node);
      values_of_item_ = 0;
    } else {
      open_.back().children.push_back(std::move(node));
    }
  }

  bool is_streamed_list_open() const {
    return open_.size() == 2 && open_[0].kind == YamlNode::Kind::Map &&
           open_[1].kind == YamlNode::Kind::List &&
           std::ranges::find(streamed_keys_, open_[1].key) != streamed_keys_.end();
  }

  static void refuse_duplicate_keys(const YamlNode& map) {
    const std::vector<YamlNode>& members = map.children;
    if (members.size() <= kFewKeys) {
      for (auto member = members.begin(); member != members.end(); ++member) {
        const auto first = std::ranges::find(members.begin(), member, member->key, &YamlNode::key);
        if (first != member) {
          refuse_duplicate_key(*member, *first);
        }
      }
      return;
    }
    std::map<std::string_view, const YamlNode*> seen;
    for (const YamlNode& member : members) {
      if (const auto [first, is_new] = seen.emplace(member.key, &member); !is_new) {
        refuse_duplicate_key(member, *first->second);
      }
    }
  }

  [[noreturn]] static void refuse_duplicate_key(const YamlNode& member, const YamlNode& first) {
    throw YamlFault{member.key_at, fmt::format("duplicate key {}, first given at {}:{}", quote(member.key),
                                               first.key_at.line, first.key_at.column)};
  }

  std::span<const std::string_view> streamed_keys_;
  const YamlCallbacks& callbacks_;
  std::vector<YamlNode> open_;  // the lists and maps around the current event, outermost first
  std::optional<PendingKey> pending_key_;
  std::size_t values_of_document_ = 0;
  std::size_t values_of_item_ = 0;
  bool is_streaming_ = false;  // inside a streamed list
  bool saw_document_ = false;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view member) const {
  const auto found = std::ranges::find(children, member, &YamlNode::key);
  return found == children.end() ? nullptr : &*found;
}

void read_yaml(std::string_view text, std::span<const std::string_view> streamed_keys,
               const YamlCallbacks& callbacks) {
  YamlEvents events(text);
  TreeBuilder builder(streamed_keys, callbacks);
  while (const auto event = events.next()) {
    builder.take(*event);
  }
  if (!builder.saw_document()) {
    throw YamlFault{{},
                    streamed_keys.empty()
                        ? "empty file, expected a document"
                        : fmt::format("empty file, expected a document with '{}'", streamed_keys.front())};
  }
}

TextPosition position_inside(const YamlNode& scalar, std::size_t offset) {
  const std::string_view before = std::string_view(scalar.text).substr(0, offset);
  TextPosition at = scalar.at;
  if (scalar.style == YamlNode::Style::Block || scalar.text.contains('\n')) {
    return at;
  }
  at.column += static_cast<std::uint32_t>(before.size());
  if (scalar.style == YamlNode::Style::SingleQuoted) {
    at.column += 1 + static_cast<std::uint32_t>(std::ranges::count(before, '\''));
  } else if (scalar.style == YamlNode::Style::DoubleQuoted) {
    at.column +=
        1 + static_cast<std::uint32_t>(std::ranges::count(before, '"') + std::ranges::count(before, '\\'));
  }
  return at;
}

}  // namespace meshdns::text
