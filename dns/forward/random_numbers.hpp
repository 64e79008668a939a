// RandomNumbers: numbers that nobody can guess, for ids and the choice of sockets. Many for one system call.
// Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <stdlib.h>

namespace meshdns::forward {

class RandomNumbers {
 public:
  std::uint16_t next() {
    if (used_ == numbers_.size()) {
      arc4random_buf(numbers_.data(), sizeof numbers_);
      used_ = 0;
    }
    return numbers_[used_++];
  }

  // Each as likely as the others. `bound` is at least 1 and at most 65536.
  std::size_t below(std::size_t bound) {
    const std::size_t limit = kValues - kValues % bound;
    std::size_t number = next();
    while (number >= limit) {
      number = next();
    }
    return number % bound;
  }

 private:
  static constexpr std::size_t kValues = 65536;

  std::array<std::uint16_t, 128> numbers_;
  std::size_t used_ = numbers_.size();
};

}  // namespace meshdns::forward
