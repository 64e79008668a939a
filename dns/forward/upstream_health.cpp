#include "dns/forward/upstream_health.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace meshdns::forward {

void UpstreamHealth::answered(Clock::time_point now) {
  is_silent_ = false;
  last_answer_ = now;
}

void UpstreamHealth::failed(Clock::time_point sent_at, Clock::time_point now) {
  if (is_silent_ || last_answer_ >= sent_at) {
    return;
  }
  is_silent_ = true;
  next_probe_ = now + kProbeInterval;
}

bool UpstreamHealth::take_probe(Clock::time_point now) {
  if (!is_silent_ || now < next_probe_) {
    return false;
  }
  next_probe_ = now + kProbeInterval;
  return true;
}

std::vector<std::size_t> upstream_order(ForwardPolicy policy, std::span<const UpstreamHealth* const> pool,
                                        std::uint32_t turn) {
  std::vector<std::size_t> order(pool.size());
  std::iota(order.begin(), order.end(), 0U);
  if (policy == ForwardPolicy::RoundRobin && !order.empty()) {
    std::ranges::rotate(order, order.begin() + turn % order.size());
  } else if (policy == ForwardPolicy::Random) {
    std::ranges::shuffle(order, std::mt19937(turn));
  }
  std::ranges::stable_partition(order, [&](std::size_t index) { return !pool[index]->is_silent(); });
  return order;
}

}  // namespace meshdns::forward
