#include "zones/template/unquote.hpp"

#include "zones/template/digit.hpp"
#include "zones/template/utf8.hpp"

namespace meshdns::templates {
namespace {

struct Piece {
  char32_t value = 0;
  bool is_octet = false;  // \x and \ooo give an octet, not a rune
};

std::optional<char32_t> take_digits(std::string_view& text, std::size_t count, int base) {
  if (text.size() < count) {
    return std::nullopt;
  }
  char32_t value = 0;
  for (const char c : text.substr(0, count)) {
    if (digit(c) >= base) {
      return std::nullopt;
    }
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(digit(c));
  }
  text.remove_prefix(count);
  return value;
}

std::optional<Piece> take_octet(std::string_view& text, std::size_t count, int base) {
  const auto value = take_digits(text, count, base);
  return value && *value <= 0xff ? std::optional(Piece{*value, true}) : std::nullopt;
}

std::optional<Piece> take_rune(std::string_view& text, std::size_t count) {
  const auto value = take_digits(text, count, 16);
  return value && is_rune(*value) ? std::optional(Piece{*value}) : std::nullopt;
}

// The next character of a literal between `quote`, which is not empty.
std::optional<Piece> take(std::string_view& text, char quote) {
  if (text.front() != '\\') {
    const Rune rune = first_rune(text);
    text.remove_prefix(rune.size);
    return Piece{rune.value};
  }
  if (text.size() < 2) {
    return std::nullopt;
  }
  static constexpr std::string_view kNames = "abfnrtv\\";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\";
  const char c = text[1];
  if (c >= '0' && c <= '7') {
    text.remove_prefix(1);
    return take_octet(text, 3, 8);
  }
  text.remove_prefix(2);
  switch (c) {
    case 'x':
      return take_octet(text, 2, 16);
    case 'u':
      return take_rune(text, 4);
    case 'U':
      return take_rune(text, 8);
    default:
      if (c == quote) {
        return Piece{static_cast<char32_t>(c)};
      }
      const auto at = kNames.find(c);
      return at != kNames.npos ? std::optional(Piece{static_cast<char32_t>(kMeanings[at])}) : std::nullopt;
  }
}

}  // namespace

std::optional<std::string> unquote(std::string_view literal) {
  const char quote = literal.front();
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string text;
  text.reserve(rest.size());
  if (quote == '`') {
    for (const char c : rest) {
      if (c != '\r') {  // Go: a raw text has no carriage returns
        text += c;
      }
    }
    return text;
  }
  while (!rest.empty()) {
    const auto piece = take(rest, quote);
    if (!piece) {
      return std::nullopt;
    }
    if (piece->is_octet) {
      text += static_cast<char>(piece->value);
    } else {
      append_rune(text, piece->value);
    }
  }
  return text;
}

std::optional<char32_t> unquote_char(std::string_view literal) {
  std::string_view rest = literal.substr(1, literal.size() - 2);
  if (rest.empty()) {
    return std::nullopt;
  }
  const auto piece = take(rest, '\'');
  return piece && rest.empty() ? std::optional(piece->value) : std::nullopt;
}

}  // namespace meshdns::templates
