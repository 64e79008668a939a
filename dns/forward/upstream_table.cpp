#include "dns/forward/upstream_table.hpp"

#include <algorithm>
#include <string_view>

namespace meshdns::forward {

std::shared_ptr<LivePlan> UpstreamTable::adopt(std::shared_ptr<const ForwardPlan> plan, LoopGuard& loops) {
  std::map<SocketAddress, std::shared_ptr<UpstreamHealth>> health;
  std::map<Key, Row> rows;
  auto live_plan = std::make_shared<LivePlan>();
  for (const Pool& pool : plan->pools) {
    auto live = std::make_shared<LivePool>();
    live->plan = std::shared_ptr<const Pool>(plan, &pool);
    for (const Upstream& upstream : pool.upstreams) {
      auto& health_of = health[upstream.address];
      if (!health_of) {
        const auto known = health_.find(upstream.address);
        health_of = known == health_.end() ? std::make_shared<UpstreamHealth>() : known->second;
      }
      const auto [row, is_new] = rows.try_emplace({upstream.address, pool.is_alternate});
      if (is_new) {
        const auto known = rows_.find(row->first);
        row->second = {.upstream = {.upstream = upstream,
                                    .health = health_of,
                                    .stats = known == rows_.end() ? std::make_shared<UpstreamStats>()
                                                                  : known->second.upstream.stats,
                                    .loop = loops.state_of(upstream.address)},
                       .max_fails = pool.options.max_fails};
      }
      live->upstreams.push_back(row->second.upstream);
      live->upstreams.back().upstream = upstream;
      live->health.push_back(health_of.get());
    }
    live_plan->pools.push_back(std::move(live));
  }
  live_plan->plan = std::move(plan);
  health_ = std::move(health);
  const std::lock_guard lock(mutex_);
  rows_ = std::move(rows);
  return live_plan;
}

void UpstreamTable::heard(const Upstream& upstream, Clock::time_point now) {
  if (const auto known = health_.find(upstream.address); known != health_.end()) {
    known->second->answered(now);
  }
}

// Whose question it was not an answer to cannot be told; `forward` comes first.
void UpstreamTable::mismatched(const Upstream& upstream) {
  const auto row = rows_.lower_bound({upstream.address, false});
  if (row != rows_.end() && row->first.first == upstream.address) {
    row->second.upstream.stats->failed(UpstreamFault::Mismatch);
  }
}

void UpstreamTable::add_to(std::vector<UpstreamStatus>& all) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, row] : rows_) {
    const auto& [address, is_alternate] = key;
    const std::string_view name = is_alternate ? "alternate" : "forward";
    auto sum = std::ranges::find_if(all, [&](const UpstreamStatus& other) {
      return other.address == address && other.proxy_name == name;
    });
    if (sum == all.end()) {
      sum = all.insert(sum, {.address = address, .proxy_name = std::string(name), .is_down = true});
    }
    row.upstream.stats->add_to(*sum);
    sum->is_down = sum->is_down && row.upstream.health->is_down(row.max_fails);
    sum->is_looping = row.upstream.loop->is_looping();
  }
}

}  // namespace meshdns::forward
