// LivePlan: a ForwardPlan with what one worker knows about its upstreams.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dns/forward/forward_plan.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/forward/retry_schedule.hpp"
#include "dns/forward/upstream.hpp"
#include "dns/forward/upstream_health.hpp"
#include "dns/forward/upstream_stats.hpp"

namespace meshdns::forward {

struct LiveUpstream {
  Upstream upstream;
  std::shared_ptr<UpstreamHealth> health;  // shared by all pools that name the address
  std::shared_ptr<UpstreamStats> stats;    // ... by those of `forward`, or those of `alternate`
  std::shared_ptr<LoopState> loop;         // ... by all workers too
};

struct LivePool {
  std::shared_ptr<const Pool> plan;
  std::vector<LiveUpstream> upstreams;
  std::vector<const UpstreamHealth*> health;  // theirs
  std::uint32_t turn = 0;                     // of the RoundRobin policy

  const ForwardOptions& options() const { return plan->options; }
  // What this upstream is asked over first.
  Protocol protocol(const LiveUpstream& upstream) const {
    if (upstream.upstream.tls) {
      return Protocol::Tls;
    }
    return upstream.upstream.over_tcp ? Protocol::Tcp : Protocol::Udp;
  }
  bool is_down(const LiveUpstream& upstream) const { return upstream.health->is_down(options().max_fails); }
  bool is_all_looping() const {
    return std::ranges::all_of(upstreams, [](const LiveUpstream& each) { return each.loop->is_looping(); });
  }
  bool is_all_down() const {
    return std::ranges::all_of(upstreams, [this](const LiveUpstream& each) { return is_down(each); });
  }
};

// Held by every question that was asked under it, so that they end on the upstreams they began with.
struct LivePlan {
  std::shared_ptr<const ForwardPlan> plan;
  std::vector<std::shared_ptr<LivePool>> pools;  // as in `plan`
};

}  // namespace meshdns::forward
