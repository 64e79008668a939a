// LiveHistogram: a Histogram that one thread fills while any other may read it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <meshdns/histogram.hpp>

#include "dns/base/counters.hpp"

namespace meshdns::base {

template <const auto& kBounds>
class LiveHistogram {
 public:
  void observe(std::uint64_t value, std::uint64_t times = 1) {
    std::size_t i = 0;
    while (i < kBounds.size() && value > kBounds[i]) {
      ++i;
    }
    counts_[i].add(times);
    sum_.add(value * times);
  }

  void add_to(Histogram<kBounds>& sum) const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      sum.counts[i] += counts_[i].value();
    }
    sum.sum += sum_.value();
  }

 private:
  std::array<Counter, kBounds.size() + 1> counts_;
  Counter sum_;
};

using LiveDurations = LiveHistogram<kDurationBounds>;
using LiveSizes = LiveHistogram<kSizeBounds>;

}  // namespace meshdns::base
