// Latency: a histogram of durations with a relative error below 1 %, small enough to stay in cache while a
// generator runs. Not thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace meshdns::load {

class Latency {
 public:
  void add(std::chrono::nanoseconds value);

  /// The value that `share` (0 to 1) of all added ones do not exceed; zero if nothing was added.
  std::chrono::nanoseconds quantile(double share) const;

 private:
  // Each power of two is divided into kSteps buckets of equal width; values below kSteps have one each.
  static constexpr unsigned kStepBits = 6;
  static constexpr std::size_t kSteps = std::size_t{1} << kStepBits;
  static constexpr unsigned kMaxBits = 40;  // 18 minutes; longer ones count as that

  std::array<std::uint64_t, (kMaxBits - kStepBits + 1) * kSteps> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace meshdns::load
