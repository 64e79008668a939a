// Histogram: how observations are spread over ranges whose bounds are fixed at compile time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace meshdns {

// `counts[i]` observations were above bound i - 1 and not above bound i; the last ones above all bounds.
template <const auto& kBounds>
struct Histogram {
  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  std::uint64_t sum = 0;  // of the observed values, in the unit of the bounds

  std::uint64_t total() const { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

  Histogram& operator+=(const Histogram& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] += other.counts[i];
    }
    sum += other.sum;
    return *this;
  }
};

// Durations, in nanoseconds. The bounds of both kinds of dashboards, so that one count serves both: those of
// CoreDNS, 0.25 ms * 2^n, and those that Go's client library has by default, which Kuma uses.
inline constexpr std::array<std::uint64_t, 27> kDurationBounds = {
    250'000,       500'000,       1'000'000,     2'000'000,     4'000'000,     5'000'000,     8'000'000,
    10'000'000,    16'000'000,    25'000'000,    32'000'000,    50'000'000,    64'000'000,    100'000'000,
    128'000'000,   250'000'000,   256'000'000,   500'000'000,   512'000'000,   1'000'000'000, 1'024'000'000,
    2'048'000'000, 2'500'000'000, 4'096'000'000, 5'000'000'000, 8'192'000'000, 10'000'000'000};

// Sizes of messages, in octets; the bounds are CoreDNS's.
inline constexpr std::array<std::uint64_t, 14> kSizeBounds = {0,    100,  200,  300,   400,   511,   1023,
                                                              2047, 4095, 8291, 16000, 32000, 48000, 64000};

using DurationHistogram = Histogram<kDurationBounds>;
using SizeHistogram = Histogram<kSizeBounds>;

}  // namespace meshdns
