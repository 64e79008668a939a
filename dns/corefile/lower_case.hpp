// lower_case(): words that may be written in any letter case.
#pragma once

#include <algorithm>
#include <string>

namespace meshdns::corefile {

// ASCII letters only, as in names.
inline std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return text;
}

}  // namespace meshdns::corefile
