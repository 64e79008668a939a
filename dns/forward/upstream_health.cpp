#include "dns/forward/upstream_health.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace meshdns::forward {

void UpstreamHealth::answered(Clock::time_point now) {
  failures_.store(0, std::memory_order_relaxed);
  last_answer_ = now;
}

void UpstreamHealth::failed(Clock::time_point sent_at, Clock::time_point now) {
  if (last_answer_ >= sent_at) {
    return;
  }
  const unsigned before = failures_.load(std::memory_order_relaxed);
  failures_.store(before + 1, std::memory_order_relaxed);
  if (before == 0) {
    last_probe_ = now;
  }
}

UpstreamOrder upstream_order(ForwardPolicy policy, unsigned max_fails,
                             std::span<const UpstreamHealth* const> pool, std::uint32_t turn) {
  UpstreamOrder order(pool.size());
  std::iota(order.begin(), order.end(), 0U);
  if (policy == ForwardPolicy::RoundRobin && !order.empty()) {
    std::ranges::rotate(order, order.begin() + turn % order.size());
  } else if (policy == ForwardPolicy::Random) {
    std::ranges::shuffle(order, std::mt19937(turn));
  }
  auto up_end = order.begin();  // as stable_partition() does, which would allocate for it
  for (auto each = order.begin(); each != order.end(); ++each) {
    if (!pool[*each]->is_down(max_fails)) {
      std::rotate(up_end++, each, each + 1);
    }
  }
  return order;
}

}  // namespace meshdns::forward
