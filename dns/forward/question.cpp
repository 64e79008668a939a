#include "dns/forward/question.hpp"

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <stdlib.h>

#include "dns/forward/token_bucket.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/upstream_query.hpp"

namespace meshdns::forward {

namespace {

// After this much silence an upstream counts as silent and its socket as doubtful.
constexpr std::chrono::milliseconds kSilence{400};

// Once there is a reply that can be passed on, somebody who knows better has this long.
constexpr std::chrono::milliseconds kHeldPatience{2'000};

// A larger one is cut to its header and question before it is held: no upstream is to fill our memory.
constexpr std::size_t kMaxHeld = 4096;

constexpr int kRankTruncated = 0;

constexpr std::string_view kHeldBack = "held back by max_rate";

int rank_of(std::uint16_t rcode) {
  switch (rcode) {
    case wire::rcode::NXDomain:
      return 1;
    case wire::rcode::ServFail:
      return 2;
    case wire::rcode::Refused:
      return 3;
    default:
      return 4;
  }
}

bool dislikes_edns(std::uint16_t rcode) {
  return rcode == wire::rcode::FormErr || rcode == wire::rcode::NotImp || rcode == wire::rcode::BadVers;
}

UpstreamOrder next_order(LivePool& pool) {
  const ForwardOptions& options = pool.options();
  const ForwardPolicy policy = options.policy.value_or(ForwardPolicy::Sequential);
  const std::uint32_t turn = policy == ForwardPolicy::Random ? arc4random() : pool.turn++;
  auto order = upstream_order(policy, options.max_fails, pool.health, turn);
  const auto looping = std::ranges::remove_if(
      order, [&](std::size_t index) { return pool.upstreams[index].loop->is_looping(); });
  order.erase(looping.begin(), looping.end());
  return order;
}

std::string_view text_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::Udp:
      return "udp";
    case Protocol::Tcp:
      return "tcp";
    case Protocol::Tls:
      return "tcp-tls";
  }
  return "";
}

// As Go words it: "connection refused", "no route to host".
std::string error_text(int error) {
  std::string text = std::generic_category().message(error);
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

Question::Question(QuestionContext& context, LivePool& pool, const KeptQuery& message,
                   Clock::time_point deadline, OnOutcome on_outcome)
    : Alarm(context.alarms),
      context_(context),
      pool_(pool),
      message_(message),
      on_outcome_(std::move(on_outcome)),
      schedule_(next_order(pool), {.needs_edns = message.get().dnssec_ok(),
                                   .max_attempts = pool.options().max_attempts.value_or(0),
                                   .max_rounds = pool.plan->max_rounds}),
      deadline_(deadline) {}

void Question::start() {
  if (const auto outcome = send(schedule_.first())) {
    finish(*outcome);
  } else {
    wait();
  }
}

void Question::abort(std::string_view error) {
  finish({.reply = std::nullopt, .error = error});
}

std::vector<SocketAddress> Question::waiting() const {
  std::vector<SocketAddress> addresses;
  for (const Attempt& attempt : attempts_) {
    if (attempt.exchange.is_open()) {
      addresses.push_back(pool_.upstreams[attempt.ask.upstream].upstream.address);
    }
  }
  return addresses;
}

std::optional<Outcome> Question::send(Ask ask) {
  if (upstream_of(ask).bucket && !find_token(ask)) {
    return std::nullopt;
  }
  if (!send(ask, protocol_of(ask)) && upstream_of(ask).bucket) {
    return on_failure(ask, protocol_of(ask), kHeldBack);
  }
  return std::nullopt;
}

// False: there is no socket to spare, or no token in time.
bool Question::send(Ask ask, Protocol protocol) {
  if (const auto& bucket = upstream_of(ask).bucket) {
    const auto now = Clock::now();
    const auto token_at = bucket->take(now, std::max(now, deadline_ - kSilence));
    if (token_at != now) {
      stats_of(ask).held_back();
      if (token_at) {
        delayed_ = Delayed{.ask = ask, .protocol = protocol, .due = *token_at};
      }
      return token_at.has_value();
    }
  }
  return transmit(ask, protocol);
}

// Under a max_rate, an upstream that has a token is better than the one whose turn it is. Only a question
// that waits for no reply waits for a token: what is repeated is not worth the place. False: nothing is to be
// sent.
bool Question::find_token(Ask& ask) {
  const auto now = Clock::now();
  const auto token_at = [&](std::size_t upstream) {
    return pool_.upstreams[upstream].upstream.bucket->next(now);
  };
  const Ask due = ask;
  if (token_at(due.upstream) == now) {
    return true;
  }
  ask = schedule_.soonest(due, token_at);
  const bool may_wait = !delayed_ && std::ranges::none_of(attempts_, [](const Attempt& each) {
    return each.exchange.is_open();
  });
  const bool is_sent = may_wait || token_at(ask.upstream) == now;
  if (!is_sent) {
    schedule_.skip(ask);
  }
  if (!is_sent || ask.upstream != due.upstream) {
    stats_of(due).held_back();
  }
  return is_sent;
}

bool Question::transmit(Ask ask, Protocol protocol) {
  wire::UpstreamQuery message = message_.get();
  if (!ask.with_edns) {
    message.drop_edns();
  }
  const std::size_t number = attempts_.size();
  quiet_since_ = Clock::now();
  Attempt& attempt =
      attempts_.emplace_back(Attempt{.ask = ask, .protocol = protocol, .sent_at = quiet_since_});
  attempt.exchange =
      context_.transport.send(upstream_of(ask), protocol, message.message(), message.question_size,
                              [this, number](const Ended& ended) { on_end(number, ended); });
  if (attempt.exchange.is_open()) {
    stats_of(ask).sent(protocol, attempt.exchange.is_reused());
  }
  return attempt.exchange.is_open();
}

void Question::on_end(std::size_t number, const Ended& ended) {
  Attempt& attempt = attempts_[number];
  attempt.exchange.ended();
  std::optional<Outcome> outcome;
  if (ended.is_stale) {
    send(attempt.ask, attempt.protocol);
  } else if (ended.error != 0) {
    context_.counters.upstream_errors.add();
    stats_of(attempt.ask).failed(ended.error);
    note_failure(attempt, Clock::now());
    outcome = on_failure(attempt.ask, attempt.protocol,
                         ended.reason.empty() ? error_text(ended.error) : std::string(ended.reason));
  } else {
    note_reply(attempt, ended.reply);
    outcome = on_reply(attempt.ask, attempt.protocol, ended.reply);
  }
  if (outcome) {
    finish(*outcome);
  } else {
    wait();
  }
}

void Question::note_reply(const Attempt& attempt, std::span<const std::uint8_t> message) {
  const auto rcode = static_cast<std::uint16_t>(wire::load16(message.data() + 2) & wire::flag::RcodeMask);
  stats_of(attempt.ask).replied(rcode, Clock::now() - attempt.sent_at);
  if (rcode == wire::rcode::ServFail) {
    stats_of(attempt.ask).failed(UpstreamFault::Servfail);
  }
}

std::optional<Outcome> Question::on_reply(Ask ask, Protocol protocol, std::span<const std::uint8_t> message) {
  const auto reply = wire::parse_reply(message);
  const std::uint16_t flags = wire::load16(message.data() + 2);
  const std::uint16_t rcode = reply ? reply->extended_rcode : flags & wire::flag::RcodeMask;
  const bool is_answer = rcode == wire::rcode::NoError || rcode == wire::rcode::NXDomain;

  if (is_answer && (flags & wire::flag::TC) != 0 && protocol == Protocol::Udp) {
    stats_of(ask).failed(UpstreamFault::Truncated);
    // What is left of the records need not be whole for TCP to bring them all.
    context_.counters.upstream_replies.add();
    if (reply) {
      hold(ask, kRankTruncated, message, reply->question_size);
    }
    context_.counters.upstream_tcp.add();
    if (!send(ask, Protocol::Tcp)) {
      return on_failure(ask, Protocol::Tcp, upstream_of(ask).bucket ? kHeldBack : "too many TCP connections");
    }
  } else if (!reply) {
    context_.counters.upstream_malformed.add();
    stats_of(ask).failed(UpstreamFault::Malformed);
    return on_failure(ask, protocol, "malformed reply");
  } else if (is_final(rcode)) {
    context_.counters.upstream_replies.add();
    return Outcome{.reply = believed(*reply, ask), .error = {}};
  } else if (dislikes_edns(rcode) && ask.with_edns) {
    context_.counters.upstream_replies.add();
    hold(ask, rank_of(rcode), message, reply->question_size);
    send({.upstream = ask.upstream, .with_edns = false}, protocol);
  } else {
    context_.counters.upstream_replies.add();
    hold(ask, rank_of(rcode), message, reply->question_size);
    return on_failure(ask, protocol, fmt::format("rcode {}", rcode));
  }
  return std::nullopt;
}

// Without the AD bit of somebody who is not trusted with it.
wire::ReplyView Question::believed(wire::ReplyView reply, Ask ask) const {
  if (!upstream_of(ask).trusts_ad) {
    reply.flags &= static_cast<std::uint16_t>(~wire::flag::AD);
  }
  return reply;
}

// True for what one upstream may say for all of them.
bool Question::is_final(std::uint16_t rcode) const {
  const auto& failover = pool_.options().failover;
  return rcode == wire::rcode::NoError ||
         (rcode == wire::rcode::NXDomain && std::ranges::find(failover, rcode) == failover.end());
}

std::string Question::read_error(Ask ask, Protocol protocol, std::string_view why) const {
  return fmt::format("read {} {}: {}", text_of(protocol),
                     pool_.upstreams[ask.upstream].upstream.address.to_string(), why);
}

std::optional<Outcome> Question::on_failure(Ask ask, Protocol protocol, std::string_view why) {
  last_error_ = read_error(ask, protocol, why);
  if (const auto next = schedule_.on_failure(ask.upstream)) {
    return send(*next);
  }
  if (schedule_.is_over()) {
    return best();
  }
  return std::nullopt;
}

void Question::hold(Ask ask, int rank, std::span<const std::uint8_t> message, std::size_t question_size) {
  if (held_ && held_->rank <= rank) {
    return;
  }
  const bool is_cut = message.size() > kMaxHeld;
  if (is_cut) {
    message = message.first(wire::kHeaderSize + question_size);
  }
  held_ = Held{.rank = rank,
               .message = {message.begin(), message.end()},
               .since = held_ ? held_->since : Clock::now()};
  if (!upstream_of(ask).trusts_ad) {
    held_->message[3] &= static_cast<std::uint8_t>(~wire::flag::AD);
  }
  if (is_cut) {
    std::fill_n(held_->message.begin() + 6, 6, std::uint8_t{0});
  }
}

// When it is over, whatever is still on its way.
Clock::time_point Question::end() const {
  auto end = deadline_;
  if (held_) {
    end = std::min(end, held_->since + kHeldPatience);
  }
  const auto patience = pool_.plan->patience;
  if (patience.count() != 0 && !schedule_.patience() && !delayed_ && !attempts_.empty()) {
    end = std::min<Clock::time_point>(end, attempts_.back().sent_at + patience);
  }
  return end;
}

// Sets the timer to whatever comes first: the next message, or the end.
void Question::wait() {
  auto due = end();
  if (delayed_) {
    due = std::min(due, delayed_->due);
  } else if (const auto patience = schedule_.patience()) {
    due = std::min(due, quiet_since_ + *patience);
  }
  set(due);
}

void Question::on_time() {
  const auto now = Clock::now();
  note_silence(now);
  if (now >= end()) {
    if (!attempts_.empty()) {
      const Attempt& last = attempts_.back();
      last_error_ = read_error(last.ask, last.protocol, "i/o timeout");
    }
    finish(best());
    return;
  }
  if (delayed_) {
    if (now >= delayed_->due) {
      const Delayed due = *std::exchange(delayed_, std::nullopt);
      transmit(due.ask, due.protocol);
    }
    wait();
    return;
  }
  quiet_since_ = now;
  const auto next = schedule_.on_silence();
  if (next && !(context_.is_crowded() && pool_.is_down(pool_.upstreams[next->upstream]))) {
    if (const auto outcome = send(*next)) {
      finish(*outcome);
      return;
    }
  }
  wait();
}

void Question::note_silence(Clock::time_point now) {
  for (Attempt& attempt : attempts_) {
    if (!attempt.exchange.is_open() || attempt.is_noted_silent || now - attempt.sent_at < kSilence) {
      continue;
    }
    attempt.is_noted_silent = true;
    context_.counters.upstream_timeouts.add();
    stats_of(attempt.ask).failed(UpstreamFault::Timeout);
    attempt.exchange.suspect();
    note_failure(attempt, now);
  }
}

// TCP tells about the upstream only where nothing else is used: some have none.
void Question::note_failure(const Attempt& attempt, Clock::time_point now) {
  if (attempt.protocol == protocol_of(attempt.ask)) {
    pool_.upstreams[attempt.ask.upstream].health->failed(attempt.sent_at, now);
    context_.prober.wake();
  }
}

Outcome Question::best() const {
  if (held_) {
    return {.reply = wire::parse_reply(held_->message), .error = {}};
  }
  return {.reply = std::nullopt, .error = last_error_};
}

void Question::finish(const Outcome& outcome) {
  call_off();
  attempts_.clear();
  auto on_outcome = std::exchange(on_outcome_, nullptr);
  on_outcome(outcome);
}

}  // namespace meshdns::forward
