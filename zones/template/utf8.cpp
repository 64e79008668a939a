#include "zones/template/utf8.hpp"

#include <array>

namespace meshdns::templates {

bool is_rune(char32_t value) {
  return value <= kMaxRune && (value < 0xd800 || value > 0xdfff);
}

Rune first_rune(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    return {lead, 1, true};
  }
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
    return {};
  }
  char32_t value = lead & (0xffU >> (size + 1));
  for (const char c : text.substr(1, size - 1)) {
    const auto octet = static_cast<unsigned char>(c);
    if ((octet & 0xc0U) != 0x80) {
      return {};
    }
    value = value << 6 | (octet & 0x3fU);
  }
  static constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[size] || !is_rune(value)) {
    return {};
  }
  return {value, size, true};
}

std::size_t rune_count(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    text.remove_prefix(first_rune(text).size);
  }
  return count;
}

void append_rune(std::string& out, char32_t value) {
  if (!is_rune(value)) {
    value = kReplacement;
  }
  const auto tail = [&out, value](int shift) { out += static_cast<char>(0x80U | (value >> shift & 0x3fU)); };
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xc0U | value >> 6);
    tail(0);
  } else if (value < 0x10000) {
    out += static_cast<char>(0xe0U | value >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | value >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace meshdns::templates
