#include "dns/forward/loop_prober.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dns/forward/own_query.hpp"
#include "dns/forward/token_bucket.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

// Below the zone that the pool is asked for; of all names, below one that nobody has (RFC 6761 6.4).
DomainName probe_name(const DomainName& from, const std::string& token) {
  const auto zone = from.wire();
  std::vector<std::uint8_t> name;
  for (const std::string_view label : {std::string_view(token), LoopGuard::kProbeLabel}) {
    name.push_back(static_cast<std::uint8_t>(label.size()));
    name.insert(name.end(), label.begin(), label.end());
  }
  name.insert(name.end(), zone.begin(), zone.end());
  return name.size() > wire::kMaxNameSize ? DomainName() : DomainName::from_wire(name);
}

}  // namespace

void LoopProber::use(std::shared_ptr<const LivePlan> plan) {
  probes_.clear();
  plan_ = std::move(plan);
  run();
}

void LoopProber::hurry() {
  for (const auto& pool : plan_->pools) {
    for (const LiveUpstream& upstream : pool->upstreams) {
      loops_.probe_soon(*upstream.loop, Clock::now());
    }
  }
  run();
}

void LoopProber::run() {
  if (!plan_->plan->can_loop) {
    return;
  }
  const auto now = Clock::now();
  auto due = Clock::time_point::max();
  for (const auto& pool : plan_->pools) {
    for (const LiveUpstream& upstream : pool->upstreams) {
      const auto& bucket = upstream.upstream.bucket;
      if (!bucket || (loops_.probe_due(*upstream.loop) <= now && bucket->take(now, now))) {
        if (const auto token = loops_.take_probe(*upstream.loop, now)) {
          probe(*pool, upstream, *token);
        }
      }
      due = std::min(due, std::max(loops_.probe_due(*upstream.loop), bucket ? bucket->next(now) : now));
    }
  }
  if (due == Clock::time_point::max()) {
    return;  // there are no upstreams
  }
  timer_.expires_at(due);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& cancelled) {
    if (!cancelled && !alive.expired()) {
      run();
    }
  });
}

void LoopProber::probe(const LivePool& pool, const LiveUpstream& upstream, const std::string& token) {
  const DomainName name = probe_name(pool.options().from, token);
  if (name.is_root()) {
    return;  // no room for the token
  }
  std::vector<std::uint8_t> message = own_query(name, wire::type::A, true);
  Exchange& last = probes_[upstream.loop.get()];
  last = transport_.send(upstream.upstream, pool.protocol(upstream), message,
                         message.size() - wire::kHeaderSize, [&last](const Ended&) { last.forget(); });
}

}  // namespace meshdns::forward
