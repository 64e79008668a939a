#include "dns/forward/token_bucket.hpp"

#include <algorithm>
#include <chrono>

namespace meshdns::forward {

TokenBucket::TokenBucket(const RateLimit& rate)
    : cost_(std::chrono::ceil<Clock::duration>(std::chrono::duration<double>(1.0 / rate.per_second))),
      spare_(cost_ * (rate.burst - 1)) {}

Clock::time_point TokenBucket::next(Clock::time_point now) const {
  const Clock::time_point full_at(Clock::duration(full_at_.load(std::memory_order_relaxed)));
  return std::max(now, std::max(full_at, now) - spare_);
}

std::optional<Clock::time_point> TokenBucket::take(Clock::time_point now, Clock::time_point latest) {
  Clock::rep known = full_at_.load(std::memory_order_relaxed);
  for (;;) {
    const auto full_at = std::max(Clock::time_point(Clock::duration(known)), now);
    const auto token_at = std::max(now, full_at - spare_);
    if (token_at > latest) {
      return std::nullopt;
    }
    const Clock::rep full_then = (full_at + cost_).time_since_epoch().count();
    if (full_at_.compare_exchange_weak(known, full_then, std::memory_order_relaxed)) {
      return token_at;
    }
  }
}

}  // namespace meshdns::forward
