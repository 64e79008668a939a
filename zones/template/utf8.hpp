// Runes of UTF-8 texts as Go's unicode/utf8 sees them: an octet that is not UTF-8 is U+FFFD.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace meshdns::templates {

inline constexpr char32_t kReplacement = 0xfffd;
inline constexpr char32_t kMaxRune = 0x10ffff;

struct Rune {
  char32_t value = kReplacement;
  std::size_t size = 1;  // in octets
  bool is_valid = false;
};

// The first rune of `text`, which is not empty.
Rune first_rune(std::string_view text);

std::size_t rune_count(std::string_view text);

bool is_rune(char32_t value);  // not a surrogate, not beyond U+10FFFF

// Something that is not a rune is appended as U+FFFD.
void append_rune(std::string& out, char32_t value);

}  // namespace meshdns::templates
