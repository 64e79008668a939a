#include "zones/template/read_number.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

#include "zones/template/digit.hpp"

namespace meshdns::templates {
namespace {

// Underscores stand between digits, or between the prefix of the base and a digit.
bool underscores_are_well_placed(std::string_view text) {
  const bool has_prefix = text.size() >= 2 && text[0] == '0' &&
                          std::string_view("xXoObB").find(text[1]) != std::string_view::npos;
  const int base = has_prefix && (text[1] | 0x20) == 'x' ? 16 : 10;
  bool after_digit = has_prefix;
  bool after_underscore = false;
  for (const char c : text.substr(has_prefix ? 2 : 0)) {
    if (c == '_' ? !after_digit : after_underscore && digit(c) >= base) {
      return false;
    }
    after_underscore = c == '_';
    after_digit = digit(c) < base;
  }
  return !after_underscore;
}

template <class T, class... Format>
std::optional<T> read_all(std::string_view text, Format... format) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, format...);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                   : std::nullopt;
}

std::optional<std::int64_t> read_integer(std::string_view digits, bool is_negative) {
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char kind = static_cast<char>(digits[1] | 0x20);
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    digits.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  const auto value = read_all<std::uint64_t>(digits, base);
  if (!value || *value > (std::uint64_t{1} << 63) - (is_negative ? 0 : 1)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(is_negative ? 0 - *value : *value);
}

std::optional<double> read_float(std::string_view digits) {
  const bool is_hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (!is_hex) {
    return read_all<double>(digits, std::chars_format::general);
  }
  if (digits.find_first_of("pP") == digits.npos) {
    return std::nullopt;
  }
  return read_all<double>(digits.substr(2), std::chars_format::hex);
}

}  // namespace

std::optional<Value> read_number(std::string_view literal) {
  const bool is_negative = literal.starts_with('-');
  if (is_negative || literal.starts_with('+')) {
    literal.remove_prefix(1);
  }
  if (literal.empty() || !underscores_are_well_placed(literal)) {
    return std::nullopt;
  }
  std::string digits;
  for (const char c : literal) {
    if (c != '_') {
      digits += c;
    }
  }
  if (const auto integer = read_integer(digits, is_negative)) {
    return Value(*integer);
  }
  const bool is_hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (digits.find_first_of(is_hex ? ".pP" : ".eE") == digits.npos) {
    return std::nullopt;
  }
  const auto number = read_float(digits);
  return number && std::isfinite(*number) ? std::optional(Value(is_negative ? -*number : *number))
                                          : std::nullopt;
}

}  // namespace meshdns::templates
