#include "zones/template/format_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "zones/template/padding.hpp"
#include "zones/template/quote.hpp"
#include "zones/template/utf8.hpp"

namespace meshdns::templates {
namespace {

std::string_view sign_of(bool is_negative, const Directive& directive) {
  return is_negative ? "-" : directive.plus ? "+" : directive.space ? " " : "";
}

struct Base {
  int base;
  std::string_view prefix;  // with '#'
};

std::optional<Base> base_of(char32_t verb) {
  switch (verb) {
    case U'v':
    case U'd':
      return Base{10, ""};
    case U'b':
      return Base{2, "0b"};
    case U'o':
    case U'O':
      return Base{8, "0"};
    case U'x':
      return Base{16, "0x"};
    case U'X':
      return Base{16, "0X"};
    default:
      return std::nullopt;
  }
}

void upper(std::string& text) {
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
}

void format_digits(std::string& out, std::int64_t number, char32_t verb, Base base,
                   const Directive& directive) {
  Directive padding = directive;
  padding.zero = false;
  if (directive.precision == 0 && number == 0) {
    return pad(out, "", padding);
  }
  const bool is_negative = number < 0;
  const auto magnitude = static_cast<std::uint64_t>(number);
  char buffer[64];
  const char* end =
      std::to_chars(buffer, buffer + sizeof buffer, is_negative ? 0 - magnitude : magnitude, base.base).ptr;
  std::string digits(static_cast<const char*>(buffer), end);
  if (verb == U'X') {
    upper(digits);
  }
  const std::string_view sign = sign_of(is_negative, directive);
  std::size_t least = static_cast<std::size_t>(directive.precision.value_or(0));
  if (!directive.precision && directive.zero && !directive.minus && directive.width) {
    least = static_cast<std::size_t>(*directive.width) - std::min<std::size_t>(sign.size(), *directive.width);
  }
  digits.insert(0, std::max(least, digits.size()) - digits.size(), '0');
  if (directive.sharp && !(base.base == 8 && digits.front() == '0')) {
    digits.insert(0, base.prefix);
  }
  if (verb == U'O') {
    digits.insert(0, "0o");
  }
  pad(out, digits.insert(0, sign), padding);
}

// U+0041, and the character itself with '#'.
void format_code_point(std::string& out, std::int64_t number, const Directive& directive) {
  const auto value = static_cast<std::uint64_t>(number);
  std::string text = fmt::format("U+{:0{}X}", value, std::max(4, directive.precision.value_or(0)));
  if (directive.sharp && value <= kMaxRune) {
    const std::string quoted = quote_char(static_cast<char32_t>(value));
    if (!quoted.starts_with("'\\") || value == U'\'' || value == U'\\') {
      text += " '";
      append_rune(text, static_cast<char32_t>(value));
      text += '\'';
    }
  }
  Directive padding = directive;
  padding.zero = false;
  pad(out, text, padding);
}

// Go writes at least two digits of a decimal exponent, as to_chars does, but also of a binary one.
std::string hex_float(double number, std::optional<int> precision) {
  std::string text(static_cast<std::size_t>(precision.value_or(0)) + 64, '\0');
  char* const end = text.data() + text.size();
  const auto [last, error] = precision
                                 ? std::to_chars(text.data(), end, number, std::chars_format::hex, *precision)
                                 : std::to_chars(text.data(), end, number, std::chars_format::hex);
  text.resize(static_cast<std::size_t>(last - text.data()));
  const std::size_t exponent = text.find('p') + 2;
  if (text.size() == exponent + 1) {
    text.insert(exponent, 1, '0');
  }
  return "0x" + text;
}

std::string binary_float(double number) {
  int exponent = 0;
  const double fraction = std::frexp(number, &exponent);
  const auto mantissa = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  return fmt::format("{}p{:+d}", mantissa, number == 0 ? -1074 : exponent - 53);
}

std::string decimal_float(double number, char32_t verb, std::optional<int> precision) {
  // The largest double has 309 digits in front of its point.
  std::string text(static_cast<std::size_t>(precision.value_or(0)) + 400, '\0');
  char* const end = text.data() + text.size();
  std::to_chars_result result{};
  if (verb == U'f') {
    result = std::to_chars(text.data(), end, number, std::chars_format::fixed, precision.value_or(6));
  } else if (verb == U'e') {
    result = std::to_chars(text.data(), end, number, std::chars_format::scientific, precision.value_or(6));
  } else if (precision) {
    result = std::to_chars(text.data(), end, number, std::chars_format::general, *precision);
  } else {
    result = std::to_chars(text.data(), end, number, std::chars_format::scientific);
    const std::string_view scientific(text.data(), result.ptr);
    const std::size_t mark = scientific.find('e');
    int exponent = 0;
    std::from_chars(scientific.data() + mark + (scientific[mark + 1] == '+' ? 2 : 1), result.ptr, exponent);
    // For Go the shortest form has the precision 6 when it chooses between %f and %e.
    if (exponent >= -4 && exponent < 6) {
      result = std::to_chars(text.data(), end, number, std::chars_format::fixed);
    }
  }
  text.resize(static_cast<std::size_t>(result.ptr - text.data()));
  return text;
}

}  // namespace

bool format_integer(std::string& out, std::int64_t number, char32_t verb, const Directive& directive) {
  if (const auto base = base_of(verb)) {
    format_digits(out, number, verb, *base, directive);
    return true;
  }
  const bool is_in_range = number >= 0 && number <= static_cast<std::int64_t>(kMaxRune);
  const char32_t rune = is_in_range ? static_cast<char32_t>(number) : kReplacement;
  if (verb == U'c') {
    std::string text;
    append_rune(text, rune);
    pad(out, text, directive);
  } else if (verb == U'q') {
    pad(out, quote_char(rune, directive.plus ? Quoting::Ascii : Quoting::Utf8), directive);
  } else if (verb == U'U') {
    format_code_point(out, number, directive);
  } else {
    return false;
  }
  return true;
}

bool format_float(std::string& out, double number, char32_t verb, const Directive& directive) {
  static constexpr std::u32string_view kVerbs = U"vbgGxXfFeE";
  if (kVerbs.find(verb) == kVerbs.npos) {
    return false;
  }
  const bool is_upper = verb == U'G' || verb == U'X' || verb == U'E';
  const char32_t lower = verb == U'F' ? U'f' : verb == U'v' ? U'g' : is_upper ? verb + 32 : verb;
  const double magnitude = std::fabs(number);
  std::string text = lower == U'x'   ? hex_float(magnitude, directive.precision)
                     : lower == U'b' ? binary_float(magnitude)
                                     : decimal_float(magnitude, lower, directive.precision);
  if (is_upper) {
    upper(text);
  }
  // Zeros go between the sign and the number.
  const std::string_view sign = sign_of(std::signbit(number), directive);
  Directive padding = directive;
  if (directive.zero && !directive.minus && !sign.empty() && directive.width.value_or(0) > 0) {
    out += sign;
    padding.width = *directive.width - 1;
  } else {
    text.insert(0, sign);
  }
  pad(out, text, padding);
  return true;
}

}  // namespace meshdns::templates
