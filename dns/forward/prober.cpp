#include "dns/forward/prober.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "dns/forward/own_query.hpp"
#include "dns/forward/token_bucket.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

void Prober::use(std::shared_ptr<const LivePlan> plan) {
  probes_.clear();
  plan_ = std::move(plan);
  timer_.cancel();
  is_running_ = false;
  wake();
}

void Prober::wake() {
  if (!is_running_) {
    run();
  }
}

void Prober::run() {
  const auto now = Clock::now();
  std::optional<Clock::time_point> due;
  for (const auto& pool : plan_->pools) {
    const ProbeOptions& options = pool->options().probe;
    for (const LiveUpstream& upstream : pool->upstreams) {
      if (options.interval.count() == 0 || !pool->is_down(upstream)) {
        continue;
      }
      if (upstream.health->probe_due(options.interval) <= now) {
        upstream.health->probed(now);
        if (const auto& bucket = upstream.upstream.bucket; !bucket || bucket->take(now, now)) {
          probe(*pool, upstream);
        } else {
          upstream.stats->held_back();
        }
      }
      due = std::min(due.value_or(Clock::time_point::max()), upstream.health->probe_due(options.interval));
    }
  }
  is_running_ = due.has_value();
  if (is_running_) {
    timer_.expires_at(*due);
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& cancelled) {
      if (!cancelled && !alive.expired()) {
        run();
      }
    });
  }
}

void Prober::probe(const LivePool& pool, const LiveUpstream& upstream) {
  const ProbeOptions& options = pool.options().probe;
  std::vector<std::uint8_t> message = own_query(options.name, wire::type::NS, options.recursive);
  Exchange& last = probes_[upstream.health.get()];
  if (last.is_open()) {
    upstream.stats->probe_failed();
    last.suspect();
  }
  // Whatever comes back is reported by the transport.
  last =
      transport_.send(upstream.upstream, pool.protocol(upstream), message, message.size() - wire::kHeaderSize,
                      [&last, stats = upstream.stats](const Ended& ended) {
                        last.forget();
                        if (ended.error != 0) {
                          stats->probe_failed();
                        }
                      });
}

}  // namespace meshdns::forward
