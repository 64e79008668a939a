#include "bench/load/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace meshdns::load {

void Latency::add(std::chrono::nanoseconds value) {
  constexpr std::int64_t kLargest = (std::int64_t{1} << kMaxBits) - 1;
  const auto ns = static_cast<std::uint64_t>(std::clamp<std::int64_t>(value.count(), 0, kLargest));
  const unsigned shift = ns < kSteps ? 0 : static_cast<unsigned>(std::bit_width(ns)) - kStepBits - 1;
  ++buckets_[shift * kSteps + (ns >> shift)];
  ++count_;
}

std::chrono::nanoseconds Latency::quantile(double share) const {
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) {
      const std::size_t shift = bucket < 2 * kSteps ? 0 : bucket / kSteps - 1;
      const std::uint64_t lowest = (bucket - shift * kSteps) << shift;
      const std::uint64_t middle = lowest + ((std::uint64_t{1} << shift) / 2);
      return std::chrono::nanoseconds(middle);
    }
  }
  return {};
}

}  // namespace meshdns::load
