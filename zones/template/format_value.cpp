#include "zones/template/format_value.hpp"

#include "zones/template/format_number.hpp"
#include "zones/template/padding.hpp"
#include "zones/template/quote.hpp"
#include "zones/template/utf8.hpp"

namespace meshdns::templates {
namespace {

// At most as many runes as the precision says.
std::string_view truncated(std::string_view text, const Directive& directive) {
  if (!directive.precision) {
    return text;
  }
  std::size_t size = 0;
  for (int left = *directive.precision; left > 0 && size < text.size(); --left) {
    size += first_rune(text.substr(size)).size;
  }
  return text.substr(0, size);
}

void format_quoted(std::string& out, std::string_view text, const Directive& directive) {
  text = truncated(text, directive);
  if (directive.sharp && can_backquote(text)) {
    pad(out, '`' + std::string(text) + '`', directive);
  } else {
    pad(out, quote(text, directive.plus ? Quoting::Ascii : Quoting::Utf8), directive);
  }
}

// Two digits for each octet; a space between them with ' ', 0x in front with '#'.
void format_hex(std::string& out, std::string_view text, char32_t verb, const Directive& directive) {
  const std::string_view digits = verb == U'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  const std::string_view prefix = !directive.sharp ? "" : verb == U'X' ? "0X" : "0x";
  if (directive.precision) {
    text = text.substr(0, static_cast<std::size_t>(*directive.precision));
  }
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 0 || directive.space) {
      hex += i == 0 ? "" : " ";
      hex += prefix;
    }
    const auto octet = static_cast<unsigned char>(text[i]);
    hex += digits[octet >> 4U];
    hex += digits[octet & 0xfU];
  }
  pad(out, hex, directive);
}

bool format_text(std::string& out, std::string_view text, char32_t verb, const Directive& directive) {
  switch (verb) {
    case U's':
      pad(out, truncated(text, directive), directive);
      return true;
    case U'q':
      format_quoted(out, text, directive);
      return true;
    case U'x':
    case U'X':
      format_hex(out, text, verb, directive);
      return true;
    default:
      return false;
  }
}

// False: the type has no such verb.
bool format_known(std::string& out, const Value& value, char32_t verb, Directive directive,
                  bool is_go_syntax) {
  const bool is_plain = verb == U'v';
  if (verb == U'T') {
    pad(out, truncated(type_name(value), directive), directive);
    return true;
  }
  if (is_nil(value)) {
    if (is_plain) {
      pad(out, "<nil>", directive);
    }
    return is_plain;
  }
  if (const auto* is = std::get_if<bool>(&value)) {
    if (is_plain || verb == U't') {
      pad(out, *is ? "true" : "false", directive);
    }
    return is_plain || verb == U't';
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    return format_text(out, *text, is_go_syntax ? U'q' : is_plain ? U's' : verb, directive);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return format_float(out, *number, verb, directive);
  }
  if (const auto* octet = std::get_if<std::uint8_t>(&value)) {
    directive.sharp = directive.sharp || is_go_syntax;
    return format_integer(out, *octet, is_go_syntax ? U'x' : verb, directive);
  }
  return format_integer(out, std::get<std::int64_t>(value), verb, directive);
}

}  // namespace

void format_value(std::string& out, const Value& value, char32_t verb, Directive directive) {
  bool is_go_syntax = false;
  if (verb == U'v') {
    // %+v and %#v are verbs of their own: with them the flags mean something else.
    is_go_syntax = directive.sharp;
    directive.sharp = directive.plus = false;
  }
  if (format_known(out, value, verb, directive, is_go_syntax)) {
    return;
  }
  out += "%!";
  append_rune(out, verb);
  out += '(';
  out += type_name(value);
  if (!is_nil(value)) {
    out += '=';
    format_known(out, value, U'v', directive, false);
  }
  out += ')';
}

}  // namespace meshdns::templates
