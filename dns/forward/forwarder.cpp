#include "dns/forward/forwarder.hpp"

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dns/base/log_limiter.hpp"
#include "dns/forward/live_plan.hpp"
#include "dns/forward/lookup.hpp"
#include "dns/forward/prober.hpp"
#include "dns/forward/question.hpp"
#include "dns/forward/transport.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::forward {

namespace {

// Askers cost memory too, even when all of them ask the same.
constexpr std::size_t kAskersPerPlace = 4;

// What makes two questions the same to an upstream, as bytes.
std::string key_of(std::uint32_t generation, std::size_t pool, const wire::QueryView& query) {
  const auto flags = static_cast<std::uint16_t>(
      (query.flags & (wire::flag::RD | wire::flag::AD | wire::flag::CD)) | (query.edns.dnssec_ok ? 1 : 0));
  std::uint8_t head[14];
  wire::store32(head, generation);
  wire::store32(head + 4, static_cast<std::uint32_t>(pool));
  wire::store16(head + 8, flags);
  wire::store16(head + 10, query.qtype);
  wire::store16(head + 12, query.qclass);
  std::string key(std::begin(head), std::end(head));
  key.append(query.folded_qname().begin(), query.folded_qname().end());
  return key;
}

}  // namespace

class Forwarder::Impl {
 public:
  Impl(boost::asio::io_context& loop, std::size_t max_in_flight, LoopGuard& loops, base::Counters& counters,
       LogSink& log)
      : loops_(loops),
        counters_(counters),
        log_(log),
        loop_log_(log, std::chrono::minutes(1)),
        transport_(loop, loops, counters, [this](const Upstream& upstream) { on_heard(upstream); }),
        prober_(loop, transport_),
        context_{loop, transport_, prober_, counters, max_in_flight} {}

  void use(std::shared_ptr<const ForwardPlan> plan) {
    std::map<SocketAddress, std::shared_ptr<UpstreamHealth>> health;
    plan_ = std::make_shared<LivePlan>();
    for (const Pool& pool : plan->pools) {
      auto live = std::make_shared<LivePool>();
      live->plan = std::shared_ptr<const Pool>(plan, &pool);
      for (const Upstream& upstream : pool.upstreams) {
        auto& kept = health[upstream.address];
        if (!kept) {
          const auto known = health_.find(upstream.address);
          kept = known == health_.end() ? std::make_shared<UpstreamHealth>() : known->second;
        }
        live->upstreams.push_back({upstream, kept});
      }
      plan_->pools.push_back(std::move(live));
    }
    plan_->plan = std::move(plan);
    health_ = std::move(health);
    prober_.use(plan_);
    ++generation_;
  }

  void submit(std::size_t pool, const wire::QueryView& query, Done done) {
    if (loops_.is_own(query.packet)) {
      on_loop(query);
      reject(done, "forwarding loop");
      return;
    }
    if (pool >= plan_->pools.size()) {
      reject(done, "no upstream");
      return;
    }
    std::string key = key_of(generation_, pool, query);
    const auto known = in_flight_.find(key);
    if (askers_ >= context_.max_in_flight * kAskersPerPlace ||
        (known == in_flight_.end() && in_flight_.size() >= context_.max_in_flight)) {
      counters_.in_flight_rejected.add();
      log_.log(
          LogLevel::Warning, "full",
          fmt::format("forward: {} questions in flight, new ones are answered SERVFAIL", in_flight_.size()));
      reject(done, "too many questions in flight");
      return;
    }
    counters_.forwarded.add();
    ++askers_;
    if (known != in_flight_.end()) {
      counters_.coalesced.add();
      known->second.askers.push_back(std::move(done));
      return;
    }
    const auto place = in_flight_.try_emplace(std::move(key)).first;
    place->second.askers.push_back(std::move(done));
    place->second.lookup = std::make_shared<Lookup>(
        context_, plan_, pool, query,
        [this, &kept = place->first](const Outcome& outcome) { complete(kept, outcome); });
    context_.in_flight = in_flight_.size();
    place->second.lookup->start();
  }

  std::size_t in_flight() const { return in_flight_.size(); }

 private:
  struct Entry {
    std::shared_ptr<Lookup> lookup;
    std::vector<Done> askers;
  };

  static void reject(Done& done, std::string_view error) { done({.reply = std::nullopt, .error = error}); }

  void complete(const std::string& key, const Outcome& outcome) {
    // Out of the table first: an asker may submit the same question again.
    auto node = in_flight_.extract(in_flight_.find(key));
    context_.in_flight = in_flight_.size();
    askers_ -= node.mapped().askers.size();
    for (Done& done : node.mapped().askers) {
      done(outcome);
    }
  }

  void on_heard(const Upstream& upstream) {
    if (const auto known = health_.find(upstream.address); known != health_.end()) {
      known->second->answered(Clock::now());
    }
  }

  // The upstream that was asked leads back here. The askers need not wait for the deadline to learn that.
  void on_loop(const wire::QueryView& query) {
    counters_.loops_detected.add();
    loop_log_.log(
        LogLevel::Warning, "loop",
        fmt::format("forward: our own query for {} came back to us: an upstream leads to this server",
                    wire::name_text(query.qname())));
    for (std::size_t pool = 0; pool < plan_->pools.size(); ++pool) {
      const auto found = in_flight_.find(key_of(generation_, pool, query));
      if (found != in_flight_.end()) {
        found->second.lookup->abort("forwarding loop");
      }
    }
  }

  LoopGuard& loops_;
  base::Counters& counters_;
  base::LogLimiter log_;
  base::LogLimiter loop_log_;

  Transport transport_;
  Prober prober_;
  QuestionContext context_;
  std::uint32_t generation_ = 0;  // of the plan; questions of another one are not joined
  std::shared_ptr<LivePlan> plan_ = std::make_shared<LivePlan>();
  std::map<SocketAddress, std::shared_ptr<UpstreamHealth>> health_;
  std::unordered_map<std::string, Entry> in_flight_;
  std::size_t askers_ = 0;
};

Forwarder::Forwarder(boost::asio::io_context& loop, std::size_t max_in_flight, LoopGuard& loops,
                     base::Counters& counters, LogSink& log)
    : impl_(std::make_unique<Impl>(loop, max_in_flight, loops, counters, log)) {}

Forwarder::~Forwarder() = default;

void Forwarder::use(const std::shared_ptr<const ForwardPlan>& plan) {
  impl_->use(plan);
}

void Forwarder::submit(std::size_t pool, const wire::QueryView& query, Done done) {
  impl_->submit(pool, query, std::move(done));
}

std::size_t Forwarder::in_flight() const {
  return impl_->in_flight();
}

}  // namespace meshdns::forward
