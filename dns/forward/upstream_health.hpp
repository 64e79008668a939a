// UpstreamHealth: what one worker remembers about an upstream, and the order in which a pool is tried.
//
// A dead first server must cost one wait, not one per query: an upstream that left a question unanswered is
// tried last until it answers again, which probes in the background find out (prober.hpp).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <meshdns/options.hpp>

#include "dns/forward/clock.hpp"
#include "dns/forward/upstream.hpp"

namespace meshdns::forward {

// The worker that owns it writes; is_down() may be asked from any thread.
class UpstreamHealth {
 public:
  void answered(Clock::time_point now);

  // A message sent at `sent_at` failed or is still unanswered. An answer to anything else since then shows
  // that the upstream lives and only this name is slow.
  void failed(Clock::time_point sent_at, Clock::time_point now);

  // Failed so many times in a row; 0: never.
  bool is_down(unsigned max_fails) const {
    return max_fails != 0 && failures_.load(std::memory_order_relaxed) >= max_fails;
  }

  // The first probe is an interval away from the first failure, the others from the one before.
  Clock::time_point probe_due(std::chrono::milliseconds interval) const { return last_probe_ + interval; }
  void probed(Clock::time_point now) { last_probe_ = now; }

 private:
  std::atomic<unsigned> failures_ = 0;  // in a row
  Clock::time_point last_answer_;
  Clock::time_point last_probe_;
};

// Indices into the pool, the one to try first in front; those that are down behind the others. `turn` is a
// running number for RoundRobin and a random one for Random.
UpstreamOrder upstream_order(ForwardPolicy policy, unsigned max_fails,
                             std::span<const UpstreamHealth* const> pool, std::uint32_t turn);

}  // namespace meshdns::forward
