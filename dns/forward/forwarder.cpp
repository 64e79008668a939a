#include "dns/forward/forwarder.hpp"

#include <algorithm>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dns/base/log_limiter.hpp"
#include "dns/forward/alarms.hpp"
#include "dns/forward/client_shares.hpp"
#include "dns/forward/failure_memo.hpp"
#include "dns/forward/in_flight_table.hpp"
#include "dns/forward/live_plan.hpp"
#include "dns/forward/lookup.hpp"
#include "dns/forward/loop_prober.hpp"
#include "dns/forward/prober.hpp"
#include "dns/forward/question.hpp"
#include "dns/forward/transport.hpp"
#include "dns/forward/upstream_table.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::forward {

namespace {

// Askers cost memory too, even when all of them ask the same.
constexpr std::size_t kAskersPerPlace = 4;

}  // namespace

class Forwarder::Impl {
 public:
  Impl(boost::asio::io_context& loop, std::size_t max_in_flight, LoopGuard& loops, base::Counters& counters,
       LogSink& log)
      : loops_(loops),
        counters_(counters),
        log_(log),
        loop_log_(log, std::chrono::minutes(1)),
        transport_(
            loop, loops, counters,
            [this](const Upstream& upstream, Clock::time_point now) { upstreams_.heard(upstream, now); },
            [this](const Upstream& upstream) {
              counters_.upstream_mismatched.add();
              upstreams_.mismatched(upstream);
            }),
        alarms_(loop),
        prober_(loop, transport_),
        loop_prober_(loop, transport_, loops),
        updates_(loop),
        context_{alarms_, transport_, prober_, counters, max_in_flight},
        questions_(max_in_flight),
        askers_(max_in_flight * kAskersPerPlace),
        in_flight_(max_in_flight) {}

  void use(std::shared_ptr<const ForwardPlan> plan) {
    plan_ = upstreams_.adopt(std::move(plan), loops_);
    prober_.use(plan_);
    loop_prober_.use(plan_);
    ++generation_;
  }

  void submit(std::size_t pool, const wire::QueryView& query, const IpAddress& client, Done done) {
    if (is_loop(query)) {
      reject(done, "forwarding loop");
      return;
    }
    if (pool >= plan_->pools.size()) {
      reject(done, "no upstream");
      return;
    }
    const QuestionKey key(generation_, pool, query);
    Entry* const known = in_flight_.find(key.octets());
    if (known == nullptr && !failures_.is_empty()) {
      if (const std::string* error = failures_.find(key.octets(), Clock::now())) {
        counters_.failures_remembered.add();
        reject(done, *error);
        return;
      }
    }
    if (!has_room(client, known == nullptr)) {
      counters_.in_flight_rejected.add();
      log_.log(
          LogLevel::Warning, "full",
          fmt::format("forward: {} questions in flight, new ones are answered SERVFAIL", in_flight_.size()));
      reject(done, "too many questions in flight");
      return;
    }
    counters_.forwarded.add();
    askers_.take(client);
    if (known != nullptr) {
      counters_.coalesced.add();
      known->joined.push_back({client, std::move(done)});
      return;
    }
    questions_.take(client);
    Entry& entry = in_flight_.add(key.octets());
    entry.first = {client, std::move(done)};
    entry.lookup.emplace(context_, plan_, pool, query,
                         [this, &entry](const Outcome& outcome) { complete(entry, outcome); });
    context_.in_flight = in_flight_.size();
    entry.lookup->start();
  }

  void relay(std::size_t pool, std::span<const std::uint8_t> update, bool is_tcp, UpdateRelay::Done done) {
    const LivePool& live = *plan_->pools[pool];
    std::vector<Upstream> upstreams;
    for (const LiveUpstream& each : live.upstreams) {
      if (!each.loop->is_looping()) {
        upstreams.push_back(each.upstream);
      }
    }
    const bool over_tcp = is_tcp || live.options().force_tcp;
    updates_.relay(std::move(upstreams), over_tcp ? Protocol::Tcp : Protocol::Udp, update, std::move(done));
  }
  bool is_relaying(std::span<const std::uint8_t> update) const { return updates_.has(update); }

  std::size_t in_flight() const { return in_flight_.size() + updates_.in_flight(); }

  std::vector<QuestionInFlight> oldest_in_flight(std::size_t limit) const {
    std::vector<QuestionInFlight> oldest;
    for (const Entry& entry : in_flight_.entries() | std::views::take(limit)) {
      oldest.push_back(entry.lookup->look());
      oldest.back().askers = entry.askers();
    }
    return oldest;
  }

  void add_to(Status& status) const {
    upstreams_.add_to(status.upstreams);
    status.all_upstreams_down += context_.all_upstreams_down.value();
    status.max_concurrent_rejects += context_.max_concurrent_rejects.value();
  }

 private:
  using Asker = InFlightTable::Asker;
  using Entry = InFlightTable::Entry;

  static void reject(Done& done, std::string_view error) { done({.reply = std::nullopt, .error = error}); }

  // A client that has more than half of the table makes room for others.
  bool has_room(const IpAddress& client, bool for_question) {
    if (askers_.is_full() || !askers_.may_take(client) || (for_question && !questions_.may_take(client))) {
      return false;
    }
    if (!for_question || !questions_.is_full()) {
      return true;
    }
    const IpAddress* greedy = questions_.greedy();
    if (greedy == nullptr || *greedy == client) {
      return false;
    }
    const auto oldest = std::ranges::find(in_flight_.entries(), *greedy,
                                          [](const Entry& entry) { return entry.first.client; });
    counters_.in_flight_displaced.add();
    oldest->lookup->cancel("displaced by another client's question");
    return true;
  }

  void complete(Entry& entry, const Outcome& outcome) {
    // Out of the table first: an asker may submit the same question again.
    auto alone = in_flight_.take_out(entry);
    context_.in_flight = in_flight_.size();
    questions_.give_back(entry.first.client);
    if (outcome.code() == wire::rcode::ServFail) {
      failures_.remember(entry.key, outcome.reply ? "rcode 2" : outcome.error, Clock::now());
    }
    entry.for_each_asker([this](const Asker& asker) { askers_.give_back(asker.client); });
    Outcome shared = outcome;
    shared.question = ++questions_ended_;
    entry.for_each_asker([&shared](Asker& asker) { asker.done(shared); });
    in_flight_.put_away(alone);
  }

  // True for a probe and for any other query that we sent ourselves: an upstream leads back here.
  bool is_loop(const wire::QueryView& query) {
    if (const auto upstream = loops_.take_back(query.folded_qname())) {
      counters_.loops_detected.add();
      loop_log_.log(LogLevel::Warning, upstream->to_string(),
                    fmt::format("forward: upstream {} leads back to this server, it is not asked meanwhile",
                                upstream->to_string()));
      loop_prober_.wake();
      return true;
    }
    if (loops_.is_own(query.packet)) {
      counters_.loops_detected.add();
      loop_log_.log(
          LogLevel::Warning, "own",
          fmt::format("forward: our own query for {} came back to us: an upstream leads to this server",
                      wire::name_text(query.qname())));
      give_up(query);
      loop_prober_.hurry();
      return true;
    }
    return false;
  }

  // Whoever waits for this question need not wait for the deadline.
  void give_up(const wire::QueryView& query) {
    for (std::size_t pool = 0; pool < plan_->pools.size(); ++pool) {
      if (Entry* const found = in_flight_.find(QuestionKey(generation_, pool, query).octets())) {
        found->lookup->abort("forwarding loop");
      }
    }
  }

  LoopGuard& loops_;
  base::Counters& counters_;
  base::LogLimiter log_;
  base::LogLimiter loop_log_;

  UpstreamTable upstreams_;
  Transport transport_;
  Alarms alarms_;
  Prober prober_;
  LoopProber loop_prober_;
  UpdateRelay updates_;
  QuestionContext context_;
  std::uint32_t generation_ = 0;  // of the plan; questions of another one are not joined
  std::shared_ptr<LivePlan> plan_ = std::make_shared<LivePlan>();
  std::uint64_t questions_ended_ = 0;
  FailureMemo failures_;
  ClientShares questions_;  // of in_flight_
  ClientShares askers_;
  InFlightTable in_flight_;
};

Forwarder::Forwarder(boost::asio::io_context& loop, std::size_t max_in_flight, LoopGuard& loops,
                     base::Counters& counters, LogSink& log)
    : impl_(std::make_unique<Impl>(loop, max_in_flight, loops, counters, log)) {}

Forwarder::~Forwarder() = default;

void Forwarder::use(const std::shared_ptr<const ForwardPlan>& plan) {
  impl_->use(plan);
}

void Forwarder::submit(std::size_t pool, const wire::QueryView& query, const IpAddress& client, Done done) {
  impl_->submit(pool, query, client, std::move(done));
}

void Forwarder::relay(std::size_t pool, std::span<const std::uint8_t> update, bool is_tcp,
                      UpdateRelay::Done done) {
  impl_->relay(pool, update, is_tcp, std::move(done));
}

bool Forwarder::is_relaying(std::span<const std::uint8_t> update) const {
  return impl_->is_relaying(update);
}

void Forwarder::add_to(Status& status) const {
  impl_->add_to(status);
}

std::size_t Forwarder::in_flight() const {
  return impl_->in_flight();
}

std::vector<QuestionInFlight> Forwarder::oldest_in_flight(std::size_t limit) const {
  return impl_->oldest_in_flight(limit);
}

}  // namespace meshdns::forward
