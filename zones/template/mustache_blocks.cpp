#include "zones/template/mustache_blocks.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "zones/template/go_template.hpp"
#include "zones/template/quote.hpp"

namespace meshdns::templates {
namespace {

// The library keeps a copy of each section's text and a node for each space.
constexpr std::size_t kMaxSections = 16;
constexpr std::size_t kMaxBlock = 256 * 1024;

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<MustacheBlock> run() {
    for (std::size_t open = text_.find("{{"); open != text_.npos; open = text_.find("{{", at_)) {
      // A tag on another line than the one before it, and in no section, begins a block.
      if (blocks_.empty() || (open >= blocks_.back().end && sections_.empty())) {
        const std::size_t line = open == 0 ? text_.npos : text_.rfind('\n', open - 1);
        blocks_.push_back({.begin = line == text_.npos ? 0 : line + 1});
      }
      read_tag(open);
      MustacheBlock& block = blocks_.back();
      block.end = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
      if (block.end - block.begin > kMaxBlock) {
        fail(open, fmt::format("a line or a section is too long, expected at most {} octets", kMaxBlock));
      }
    }
    if (!sections_.empty()) {
      fail(sections_.back().offset,
           fmt::format("section {} is not closed, expected {{{{/NAME}}}}", excerpt(sections_.back().name)));
    }
    return std::move(blocks_);
  }

 private:
  struct Section {
    std::string_view name;
    std::size_t offset;
  };

  [[noreturn]] static void fail(std::size_t offset, std::string what) {
    throw TemplateFault{offset, std::move(what)};
  }

  void read_tag(std::size_t open) {
    const bool is_raw = text_.substr(open + 2).starts_with('{');
    const std::string_view closing = is_raw ? "}}}" : "}}";
    const std::size_t start = open + (is_raw ? 3 : 2);
    const std::size_t close = text_.find(closing, start);
    if (close == text_.npos) {
      fail(open, fmt::format("the tag is not closed, expected \"{}\"", closing));
    }
    const std::string_view tag = trimmed(text_.substr(start, close - start));
    at_ = close + closing.size();
    if (tag.empty()) {
      fail(open, "the tag is empty, expected the name of a variable");
    }
    const char kind = is_raw ? '{' : tag.front();
    const std::string_view name = trimmed(tag.substr(1));
    switch (kind) {
      case '#':
      case '^':
        sections_.push_back({name, open});
        if (sections_.size() > kMaxSections) {
          fail(open, fmt::format("sections are nested too deeply, expected at most {}", kMaxSections));
        }
        break;
      case '/':
        close_section(open, name);
        break;
      case '>':
        fail(open, "partials ({{>name}}) are not supported");
      case '=':
        fail(open, "other delimiters ({{=<% %>=}}) are not supported");
      case '!':
        break;
      default:
        ++blocks_.back().variables;
    }
  }

  void close_section(std::size_t open, std::string_view name) {
    if (sections_.empty()) {
      fail(open, fmt::format("section {} is closed but not open", excerpt(name)));
    }
    if (sections_.back().name != name) {
      fail(open, fmt::format("section {} is closed inside section {}, expected the end of that one first",
                             excerpt(name), excerpt(sections_.back().name)));
    }
    sections_.pop_back();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Section> sections_;
  std::vector<MustacheBlock> blocks_;
};

}  // namespace

std::vector<MustacheBlock> mustache_blocks(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace meshdns::templates
