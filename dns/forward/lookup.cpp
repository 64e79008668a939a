#include "dns/forward/lookup.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dns/forward/forwarder.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/upstream_query.hpp"

namespace meshdns::forward {
namespace {

// Who denied the name does not know when it gets records of the type: the TTL that our own negative answers
// have.
constexpr std::uint32_t kNodataTtl = 5;  // seconds

// The name that this reply denies exists, and has nothing of the type. The SOA stays, so that clients can
// cache that (RFC 2308 5).
void make_nodata(std::vector<std::uint8_t>& nxdomain) {
  const auto reply = wire::parse_reply(nxdomain);
  if (!reply) {
    return;
  }
  constexpr std::uint16_t kNotTheirs = wire::flag::RcodeMask | wire::flag::AA | wire::flag::AD;
  wire::store16(&nxdomain[2], static_cast<std::uint16_t>(reply->flags & ~kNotTheirs));
  std::size_t at = wire::kHeaderSize + reply->question_size;
  for (unsigned left = wire::load16(&nxdomain[6]) + wire::load16(&nxdomain[8]); left != 0; --left) {
    at = wire::skip_name(nxdomain, at);
    wire::store32(&nxdomain[at + 4], std::min(wire::load32(&nxdomain[at + 4]), kNodataTtl));
    at += 10U + wire::load16(&nxdomain[at + 8]);
  }
}

}  // namespace

Lookup::Place& Lookup::Place::operator=(Place&& other) noexcept {
  if (this != &other) {
    leave();
    in_flight_ = std::move(other.in_flight_);
  }
  return *this;
}

void Lookup::Place::leave() {
  if (const auto in_flight = std::exchange(in_flight_, nullptr)) {
    in_flight->fetch_sub(1, std::memory_order_relaxed);
  }
}

Lookup::Lookup(QuestionContext& context, std::shared_ptr<LivePlan> plan, std::size_t pool,
               const wire::QueryView& query, OnOutcome on_outcome)
    : context_(context),
      plan_(std::move(plan)),
      message_(wire::make_upstream_query(query, 0)),
      on_outcome_(std::move(on_outcome)),
      pool_(pool) {}

void Lookup::start() {
  deadline_ = Clock::now() + kDeadline;
  ask(pool_);
}

void Lookup::abort(std::string_view error) {
  if (question_) {
    question_->abort(error);
  }
}

void Lookup::cancel(std::string_view error) {
  finish({.reply = std::nullopt, .error = error});
}

QuestionInFlight Lookup::look() const {
  const auto left = deadline_ - Clock::now();
  const wire::QueryView query = this->query();
  return {.name = DomainName::from_wire(query.folded_qname()),
          .type = query.qtype,
          .qclass = query.qclass,
          .age = std::chrono::floor<std::chrono::milliseconds>(kDeadline - left),
          .is_alternate = plan_->plan->pools[pool_].is_alternate,
          .waiting = question_ ? question_->waiting() : std::vector<SocketAddress>()};
}

void Lookup::ask(std::size_t pool) {
  pool_ = pool;
  auto deadline = deadline_;
  if (follower({})) {
    deadline -= (deadline_ - Clock::now()) / 2;
  }
  ask(pool, deadline, [this](const Outcome& outcome) { on_outcome(outcome); });
}

void Lookup::ask(std::size_t pool, Clock::time_point deadline, Question::OnOutcome on_outcome) {
  const auto& live = plan_->pools[pool];
  const std::size_t max = live->options().max_concurrent;
  place_ = {};
  if (live->upstreams.empty()) {
    on_outcome({.reply = std::nullopt, .error = "no upstream"});
    return;
  }
  if (live->is_all_looping()) {
    on_outcome({.reply = std::nullopt, .error = "forwarding loop"});
    return;
  }
  if (live->is_all_down()) {
    context_.all_upstreams_down.add();
    if (live->options().fail_fast) {
      on_outcome({.reply = std::nullopt, .error = "no healthy proxies"});
      return;
    }
  }
  if (max != 0) {
    const bool is_full = live->plan->in_flight->fetch_add(1, std::memory_order_relaxed) >= max;
    place_ = Place(live->plan->in_flight);
    if (is_full) {
      context_.max_concurrent_rejects.add();
      place_ = {};
      const std::string error = fmt::format("concurrent queries exceeded maximum {}", max);
      on_outcome({.reply = std::nullopt, .error = error, .rcode = wire::rcode::Refused});
      return;
    }
  }
  question_.emplace(context_, *live, message_, deadline, std::move(on_outcome));
  question_->start();
}

void Lookup::on_outcome(const Outcome& outcome) {
  if (may_hide_the_name(outcome)) {
    ask_for_address(outcome);
  } else if (const auto next = follower(outcome)) {
    if (plan_->pools[*next]->plan->is_alternate) {
      asked_before_ = pool_;
      code_before_ = outcome.code();
    }
    ask(*next);
  } else {
    finish(outcome);
  }
}

wire::QueryView Lookup::query() const {
  wire::QueryView query;
  wire::parse_query(message_.message(), query);
  return query;
}

// The pool to ask after this outcome of the one that was asked.
std::optional<std::size_t> Lookup::follower(const Outcome& outcome) const {
  const bool is_nodata = outcome.reply && outcome.code() == wire::rcode::NoError &&
                         wire::load16(outcome.reply->message.data() + 6) == 0;
  const ForwardPlan& plan = *plan_->plan;
  if (plan.may_have_next(pool_)) {
    if (const auto next = plan.next_of(pool_, outcome.code(), is_nodata, query().folded_qname())) {
      return next;
    }
  }
  return plan.alternate_of(pool_, outcome.code());
}

// Some servers (Envoy's DNS filter is one) say NXDOMAIN or NOTIMP for every type but A of a name that exists.
// The alternate, which has never heard of the name, then says that it does not, and a stub resolver that
// believes it (musl's) drops the address that it got.
bool Lookup::may_hide_the_name(const Outcome& outcome) const {
  const bool was_denied = code_before_ == wire::rcode::NXDomain || code_before_ == wire::rcode::NotImp;
  if (!asked_before_ || !was_denied || outcome.code() != wire::rcode::NXDomain) {
    return false;
  }
  const wire::UpstreamQuery query = message_.get();
  return query.qtype() != wire::type::A && query.qclass() == wire::klass::IN;
}

void Lookup::ask_for_address(const Outcome& nxdomain) {
  wire::UpstreamQuery address = message_.get();
  address.set_qtype(wire::type::A);
  message_ = KeptQuery(address);
  ask(*asked_before_, deadline_,
      [this, flags = nxdomain.reply->flags,
       verdict = std::vector<std::uint8_t>(nxdomain.reply->message.begin(), nxdomain.reply->message.end())](
          const Outcome& outcome) mutable {
        wire::store16(&verdict[2], flags);
        const bool exists = outcome.reply && outcome.code() == wire::rcode::NoError &&
                            wire::load16(outcome.reply->message.data() + 6) != 0;
        if (exists) {
          make_nodata(verdict);
        }
        finish({.reply = wire::parse_reply(verdict), .error = {}});
      });
}

void Lookup::finish(const Outcome& outcome) {
  place_ = {};
  auto on_outcome = std::exchange(on_outcome_, nullptr);
  on_outcome(outcome);
}

}  // namespace meshdns::forward
