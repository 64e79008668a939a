#include "dns/forward/lookup.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dns/forward/forwarder.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/upstream_query.hpp"

namespace meshdns::forward {

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
    : context_(context), plan_(std::move(plan)), on_outcome_(std::move(on_outcome)), pool_(pool) {
  const wire::UpstreamQuery made = wire::make_upstream_query(query, 0, true);
  message_.assign(made.message().begin(), made.message().end());
}

wire::QueryView Lookup::query() const {
  wire::QueryView view;
  wire::parse_query(message_, view);
  return view;
}

void Lookup::start() {
  deadline_ = Clock::now() + kDeadline;
  ask(pool_);
}

void Lookup::abort(std::string_view error) {
  if (const auto question = question_) {
    question->abort(error);
  }
}

void Lookup::cancel(std::string_view error) {
  finish({.reply = std::nullopt, .error = error});
}

QuestionInFlight Lookup::look() const {
  const wire::QueryView asked = query();
  const auto left = deadline_ - Clock::now();
  return {.name = DomainName::from_wire(asked.folded_qname()),
          .type = asked.qtype,
          .qclass = asked.qclass,
          .age = std::chrono::floor<std::chrono::milliseconds>(kDeadline - left),
          .is_alternate = plan_->plan->pools[pool_].is_alternate,
          .waiting = question_ ? question_->waiting() : std::vector<SocketAddress>()};
}

void Lookup::ask(std::size_t pool) {
  pool_ = pool;
  const auto now = Clock::now();
  const bool may_be_followed = follower({}).has_value();
  ask(pool, query(), may_be_followed ? now + (deadline_ - now) / 2 : deadline_,
      [this](const Outcome& outcome) { on_outcome(outcome); });
}

void Lookup::ask(std::size_t pool, const wire::QueryView& query, Clock::time_point deadline,
                 Question::OnOutcome on_outcome) {
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
  question_ = std::make_shared<Question>(context_, live, query, deadline, std::move(on_outcome));
  question_->start();
}

void Lookup::on_outcome(const Outcome& outcome) {
  const auto keep_alive = shared_from_this();
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

// The pool to ask after this outcome of the one that was asked.
std::optional<std::size_t> Lookup::follower(const Outcome& outcome) const {
  const bool is_nodata = outcome.reply && outcome.code() == wire::rcode::NoError &&
                         wire::load16(outcome.reply->message.data() + 6) == 0;
  const ForwardPlan& plan = *plan_->plan;
  if (const auto next = plan.next_of(pool_, outcome.code(), is_nodata, query().folded_qname())) {
    return next;
  }
  return plan.alternate_of(pool_, outcome.code());
}

// Some servers (Envoy's DNS filter is one) say NXDOMAIN or NOTIMP for every type but A of a name that exists.
// The alternate, which has never heard of the name, then says that it does not, and a stub resolver that
// believes it (musl's) drops the address that it got.
bool Lookup::may_hide_the_name(const Outcome& outcome) const {
  const bool was_denied = code_before_ == wire::rcode::NXDomain || code_before_ == wire::rcode::NotImp;
  const wire::QueryView asked = query();
  return asked_before_ && was_denied && outcome.code() == wire::rcode::NXDomain &&
         asked.qtype != wire::type::A && asked.qclass == wire::klass::IN;
}

void Lookup::ask_for_address(const Outcome& nxdomain) {
  std::vector<std::uint8_t> message = message_;
  wire::store16(&message[wire::kHeaderSize + query().qname_size], wire::type::A);
  wire::QueryView address;
  wire::parse_query(message, address);
  ask(*asked_before_, address, deadline_,
      [this, verdict = std::vector<std::uint8_t>(nxdomain.reply->message.begin(),
                                                 nxdomain.reply->message.end())](const Outcome& outcome) {
        const bool exists = outcome.reply && outcome.code() == wire::rcode::NoError &&
                            wire::load16(outcome.reply->message.data() + 6) != 0;
        if (exists) {
          finish_empty();
        } else {
          finish({.reply = wire::parse_reply(verdict), .error = {}});
        }
      });
}

// The name exists, and has nothing of the type.
void Lookup::finish_empty() {
  const std::size_t size = wire::kHeaderSize + query().question().size();
  std::vector<std::uint8_t> reply(message_.begin(), message_.begin() + static_cast<std::ptrdiff_t>(size));
  wire::store16(&reply[2], wire::flag::QR | (wire::load16(&reply[2]) & (wire::flag::RD | wire::flag::CD)));
  wire::store16(&reply[10], 0);
  finish({.reply = wire::parse_reply(reply), .error = {}});
}

void Lookup::finish(const Outcome& outcome) {
  const auto keep_alive = shared_from_this();
  place_ = {};
  question_.reset();
  if (auto on_outcome = std::exchange(on_outcome_, nullptr)) {
    on_outcome(outcome);
  }
}

}  // namespace meshdns::forward
