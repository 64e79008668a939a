#include "zones/kuma/dataplane_template.hpp"

#include <algorithm>

#include "zones/template/mustache.hpp"
#include "zones/text/utf8_text.hpp"

namespace meshdns::kuma {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The first document of `text`, up to the line that begins the next one.
std::string_view first_document(std::string_view text) {
  for (std::size_t line = text.find('\n'); line != std::string_view::npos; line = text.find('\n', line + 1)) {
    const std::string_view next = text.substr(line + 1);
    if (next.starts_with("---") && (next.size() == 3 || kBlanks.contains(next[3]))) {
      return text.substr(0, line + 1);
    }
  }
  return text;
}

bool is_word_end(std::string_view text) {
  return text.empty() || std::string_view(" \t\r\n\"',}#").contains(text.front());
}

// True if `text` goes on with the key `type` and the value `Dataplane`, either in quotes or not.
bool says_dataplane(std::string_view text) {
  const auto skip = [&](std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  };
  const auto take = [&](std::string_view word) {
    const std::string_view quote = text.starts_with('"') || text.starts_with('\'') ? text.substr(0, 1) : "";
    if (!text.substr(quote.size()).starts_with(word)) {
      return false;
    }
    text.remove_prefix(quote.size() + word.size());
    if (!text.starts_with(quote)) {
      return false;
    }
    text.remove_prefix(quote.size());
    return true;
  };
  if (!take("type")) {
    return false;
  }
  skip(" \t");
  if (!text.starts_with(':')) {
    return false;
  }
  text.remove_prefix(1);
  skip(kBlanks);
  return take("Dataplane") && is_word_end(text);
}

// Where a document in braces has a key of its outermost map.
bool is_dataplane_in_braces(std::string_view document) {
  int depth = 0;
  for (std::size_t at = 0; at < document.size(); ++at) {
    const std::string_view rest = document.substr(at);
    if (rest.starts_with("{{")) {
      at = std::min(document.find("}}", at), document.size() - 2) + 1;
    } else if (rest[0] == '{' || rest[0] == '[') {
      ++depth;
    } else if (rest[0] == '}' || rest[0] == ']') {
      --depth;
    } else if (depth == 1 && says_dataplane(rest) &&
               std::string_view("{, \t\r\n").contains(document[at - 1])) {
      return true;
    } else if (rest[0] == '"') {
      for (++at; at < document.size() && document[at] != '"'; ++at) {
        at += document[at] == '\\' ? 1 : 0;
      }
    }
  }
  return false;
}

// Kuma fills templates in the universal form only.
bool is_dataplane(std::string_view document) {
  const std::size_t start = document.find_first_not_of(kBlanks);
  const std::size_t brace = document.substr(std::min(start, document.size())).starts_with("---")
                                ? document.find_first_not_of(kBlanks, start + 3)
                                : start;
  if (brace != std::string_view::npos && document[brace] == '{') {
    return is_dataplane_in_braces(document.substr(brace));
  }
  for (std::size_t line = 0; line < document.size(); line = document.find('\n', line) + 1) {
    if (says_dataplane(document.substr(line))) {
      return true;
    }
    if (document.find('\n', line) == std::string_view::npos) {
      break;
    }
  }
  return false;
}

}  // namespace

std::string fill_dataplane_templates(std::string_view text,
                                     const std::map<std::string, std::string>& variables) {
  std::string filled;
  for (std::size_t start = 0; start < text.size();) {
    const std::string_view document = first_document(text.substr(start));
    if (document.contains("{{") && is_dataplane(document)) {
      const auto rendered = templates::render_mustache(document, variables);
      if (!rendered) {
        throw text::YamlFault{text::position_of(text, start + rendered.error().offset),
                              rendered.error().what};
      }
      filled += *rendered;
    } else {
      filled += document;
    }
    start += document.size();
  }
  return filled;
}

}  // namespace meshdns::kuma
