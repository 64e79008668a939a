#include "zones/template/quote.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "zones/template/utf8.hpp"

namespace meshdns::templates {
namespace {

constexpr std::size_t kMaxExcerpt = 60;

// What Go's unicode.IsPrint says, but code points that Unicode has not assigned count as printable.
bool is_printable(char32_t rune) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kOthers[] = {
      {0, 0x1f},        {0x7f, 0xa0},     {0xad, 0xad},       {0x61c, 0x61c},
      {0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200f},   {0x2028, 0x202f},
      {0x205f, 0x206f}, {0x3000, 0x3000}, {0xd800, 0xf8ff},   {0xfeff, 0xfeff},
      {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe00ff}, {0xf0000, 0xffffffff}};
  return std::ranges::none_of(kOthers,
                              [rune](Range range) { return rune >= range.first && rune <= range.last; });
}

void append_escaped(std::string& out, char32_t rune, char quote, Quoting quoting) {
  if (rune == static_cast<char32_t>(quote) || rune == U'\\') {
    out += '\\';
    out += static_cast<char>(rune);
  } else if (is_printable(rune) && (rune < 0x80 || quoting == Quoting::Utf8)) {
    append_rune(out, rune);
  } else if (rune >= 7 && rune <= 13) {
    // \a \b \t \n \v \f \r are 7 to 13, in this order.
    out += '\\';
    out += std::string_view("abtnvfr")[rune - 7];
  } else if (rune < 0x80) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(rune));
  } else if (rune < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(rune));
  } else {
    fmt::format_to(std::back_inserter(out), "\\U{:08x}", static_cast<unsigned>(rune));
  }
}

}  // namespace

std::string quote(std::string_view text, Quoting quoting) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (rune.is_valid) {
      append_escaped(quoted, rune.value, '"', quoting);
    } else {
      fmt::format_to(std::back_inserter(quoted), "\\x{:02x}", static_cast<unsigned char>(text.front()));
    }
    text.remove_prefix(rune.size);
  }
  return quoted += '"';
}

std::string quote_char(char32_t rune, Quoting quoting) {
  std::string quoted = "'";
  append_escaped(quoted, is_rune(rune) ? rune : kReplacement, '\'', quoting);
  return quoted += '\'';
}

bool can_backquote(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    const bool is_control = (rune.value < 0x20 && rune.value != U'\t') || rune.value == 0x7f;
    if (!rune.is_valid || is_control || rune.value == U'`' || rune.value == 0xfeff) {
      return false;
    }
    text.remove_prefix(rune.size);
  }
  return true;
}

std::string excerpt(std::string_view text) {
  if (text.size() <= kMaxExcerpt) {
    return quote(text);
  }
  std::size_t size = kMaxExcerpt;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) {
    --size;
  }
  return quote(text.substr(0, size)) + "...";
}

}  // namespace meshdns::templates
