// UpstreamHealth: what one worker remembers about an upstream, and the order in which a pool is tried.
//
// A dead first server must cost one wait, not one per query: an upstream that left a question unanswered is
// tried last until it answers again, and gets one question per second in the background to find out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <meshdns/options.hpp>

#include "dns/forward/clock.hpp"

namespace meshdns::forward {

class UpstreamHealth {
 public:
  static constexpr std::chrono::milliseconds kProbeInterval{1'000};

  void answered(Clock::time_point now);

  // A message sent at `sent_at` failed or is still unanswered. An answer to anything else since then shows
  // that the upstream lives and only this name is slow.
  void failed(Clock::time_point sent_at, Clock::time_point now);

  bool is_silent() const { return is_silent_; }

  // True at most once per kProbeInterval, for a silent upstream: the caller asks it in addition to another.
  bool take_probe(Clock::time_point now);

 private:
  bool is_silent_ = false;
  Clock::time_point last_answer_;
  Clock::time_point next_probe_;
};

// Indices into the pool, the one to try first in front; silent ones behind the others. `turn` is a running
// number for RoundRobin and a random one for Random.
std::vector<std::size_t> upstream_order(ForwardPolicy policy, std::span<const UpstreamHealth* const> pool,
                                        std::uint32_t turn);

}  // namespace meshdns::forward
