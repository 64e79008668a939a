#include "zones/kuma/field.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "zones/text/messages.hpp"
#include "zones/text/typed_value.hpp"

namespace meshdns::kuma {
namespace {

using text::YamlFault;
using text::YamlNode;
using Kind = YamlNode::Kind;

constexpr std::string_view kPortNumber = "a whole number from 1 to 65535";

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

// disableHostDNSEntry: disable_host_dns_entry
std::string snake_case(std::string_view camel) {
  std::string snake;
  for (std::size_t i = 0; i < camel.size(); ++i) {
    const bool is_start = is_upper(camel[i]) && i > 0 &&
                          (!is_upper(camel[i - 1]) || (i + 1 < camel.size() && !is_upper(camel[i + 1])));
    if (is_start) {
      snake += '_';
    }
    snake += is_upper(camel[i]) ? static_cast<char>(camel[i] - 'A' + 'a') : camel[i];
  }
  return snake;
}

// `.key`, or `["kuma.io/service"]` for a key that is no word.
void append_key(std::string& path, std::string_view key) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  if (key.empty() || !std::ranges::all_of(key, is_word)) {
    const std::string quoted = text::quote(key);
    path += fmt::format("[\"{}\"]", std::string_view(quoted).substr(1, quoted.size() - 2));
    return;
  }
  path += path.empty() ? "" : ".";
  path += key;
}

// Appends the way from `from` to `to`; a fault is rare enough to search for it.
bool append_path(const YamlNode& from, const YamlNode& to, std::string& path) {
  if (&from == &to) {
    return true;
  }
  const std::size_t size = path.size();
  for (std::size_t i = 0; i < from.children.size(); ++i) {
    const YamlNode& child = from.children[i];
    if (from.kind == Kind::List) {
      path += fmt::format("[{}]", i);
    } else {
      append_key(path, child.key);
    }
    if (append_path(child, to, path)) {
      return true;
    }
    path.resize(size);
  }
  return false;
}

// As it was written where that is clear: 70000, 'http', a list.
std::string found(const YamlNode& node) {
  if (node.kind != Kind::Scalar) {
    return text::found_text(node);
  }
  return !node.quoted && text::is_yaml_number(node.text) ? node.text : text::quote(node.text);
}

}  // namespace

Field::Field(const YamlNode& document, Format format)
    : root_(&document), node_(&document), parent_(&document), format_(format) {}

Field::Field(const Field& around, const YamlNode* node, std::string missing)
    : root_(around.root_),
      node_(node),
      parent_(around.node_ != nullptr ? around.node_ : around.parent_),
      missing_(std::move(missing)),
      format_(around.format_) {}

ZoneLocation Field::where() const {
  return {.line = node().at.line, .column = node().at.column};
}

Field Field::operator[](std::string_view key) const {
  if (!is_given()) {
    std::string missing = missing_;
    append_key(missing, key);
    return {*this, nullptr, std::move(missing)};
  }
  expect(Kind::Map, "a map");
  const YamlNode* member = node_->find(key);
  if (member == nullptr && format_ == Format::Protobuf && std::ranges::any_of(key, is_upper)) {
    member = node_->find(snake_case(key));
  }
  std::string missing;
  if (member == nullptr) {
    append_key(missing, key);
  }
  return {*this, member, std::move(missing)};
}

std::vector<Field> Field::items() const {
  std::vector<Field> result;
  if (is_given()) {
    expect(Kind::List, "a list");
    result.reserve(node_->children.size());
    for (const YamlNode& child : node_->children) {
      result.push_back({*this, &child, {}});
    }
  }
  return result;
}

std::vector<Field> Field::members() const {
  std::vector<Field> result;
  if (is_given()) {
    expect(Kind::Map, "a map");
    result.reserve(node_->children.size());
    for (const YamlNode& child : node_->children) {
      result.push_back({*this, &child, {}});
    }
  }
  return result;
}

const std::string& Field::text(std::string_view expected) const {
  static const std::string empty;
  if (!is_given()) {
    return empty;
  }
  expect(Kind::Scalar, expected);
  if (!node_->quoted && (text::is_yaml_number(node_->text) || text::parse_yaml_bool(node_->text))) {
    refuse(fmt::format("{} (in quotes)", expected));
  }
  return node_->text;
}

bool Field::flag() const {
  if (!is_given()) {
    return false;
  }
  const auto value = text::parse_yaml_bool(node_->text);
  if (node_->kind != Kind::Scalar || node_->quoted || !value) {
    refuse_type("true or false");
  }
  return *value;
}

std::uint16_t Field::port() const {
  require(kPortNumber);
  const auto value = text::parse_whole_number(node_->text);
  const bool is_text = node_->quoted && format_ == Format::OpenApi;
  if (node_->kind != Kind::Scalar || is_text || !value || *value < 1 || *value > 65535) {
    refuse_type(kPortNumber);
  }
  return static_cast<std::uint16_t>(*value);
}

std::uint16_t Field::port_or_zero() const {
  const bool is_zero = is_given() && node_->kind == Kind::Scalar && node_->text == "0";
  return is_given() && !is_zero ? port() : std::uint16_t{0};
}

std::size_t Field::word(std::span<const std::string_view> names) const {
  if (!is_given()) {
    return 0;
  }
  const auto name = std::ranges::find(names, node_->text);
  if (node_->kind != Kind::Scalar || name == names.end()) {
    refuse(fmt::format("one of: {}", fmt::join(names, ", ")));
  }
  return static_cast<std::size_t>(name - names.begin());
}

std::size_t Field::enumerator(std::span<const std::string_view> names) const {
  if (is_given() && node_->kind == Kind::Scalar && !node_->quoted) {
    if (const auto number = text::parse_whole_number(node_->text); number && *number < names.size()) {
      return *number;
    }
  }
  return word(names);
}

IpAddress Field::ip_address() const {
  const auto address = IpAddress::parse(text("an IP address"));
  if (!address) {
    refuse("an IP address");
  }
  return *address;
}

Tags Field::texts() const {
  Tags tags;
  const std::vector<Field> all = members();
  tags.reserve(all.size());
  for (const Field& member : all) {
    member.require("text");
    tags.emplace(member.key(), member.text());
  }
  return tags;
}

void Field::require(std::string_view expected) const {
  if (!is_given()) {
    refuse(expected);
  }
}

void Field::expect(Kind kind, std::string_view expected) const {
  if (node_->kind != kind) {
    refuse(expected);
  }
}

void Field::refuse(std::string_view expected) const {
  throw YamlFault{node().at, fmt::format("{} is {}, expected {}", path(),
                                         node_ != nullptr ? found(*node_) : "missing", expected)};
}

// The value may look right: its type is wrong because of its quotes.
void Field::refuse_type(std::string_view expected) const {
  if (node_->kind == Kind::Scalar && node_->quoted) {
    text::refuse(*node_, path(), expected);
  }
  refuse(expected);
}

void Field::fault(std::string_view what, std::size_t offset) const {
  const auto at =
      node_ != nullptr && node_->kind == Kind::Scalar ? position_inside(*node_, offset) : node().at;
  throw YamlFault{at, fmt::format("{}: {}", path(), what)};
}

std::string Field::path() const {
  std::string path;
  append_path(*root_, node(), path);
  if (node_ == nullptr) {
    path += path.empty() || missing_.starts_with('[') ? "" : ".";
    path += missing_;
  }
  return path.empty() ? "the document" : path;
}

}  // namespace meshdns::kuma
