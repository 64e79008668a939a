// UpstreamTable: what one worker knows of the upstreams of the plan in use; what stays from plan to plan is
// kept.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <meshdns/traffic_status.hpp>

#include "dns/forward/live_plan.hpp"
#include "dns/forward/loop_guard.hpp"

namespace meshdns::forward {

// add_to() may be called from any thread, the others from the worker's.
class UpstreamTable {
 public:
  std::shared_ptr<LivePlan> adopt(std::shared_ptr<const ForwardPlan> plan, LoopGuard& loops);

  void heard(const Upstream& upstream, Clock::time_point now);
  void mismatched(const Upstream& upstream);

  // Adds one row per upstream, or to the row that another worker added.
  void add_to(std::vector<UpstreamStatus>& all) const;

 private:
  using Key = std::pair<SocketAddress, bool>;  // of an alternate
  struct Row {
    LiveUpstream upstream;
    unsigned max_fails = 0;
  };

  std::map<SocketAddress, std::shared_ptr<UpstreamHealth>> health_;
  mutable std::mutex mutex_;  // guards rows_, which only adopt() changes
  std::map<Key, Row> rows_;
};

}  // namespace meshdns::forward
