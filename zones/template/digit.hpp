// The digits of all bases of Go.
#pragma once

namespace meshdns::templates {

// At least 36 for what is no digit of any base.
constexpr int digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

}  // namespace meshdns::templates
