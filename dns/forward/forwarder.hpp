// Forwarder: asks upstreams on behalf of one worker.
//
// One question in flight is asked once however many clients want it. Every submitted question ends in exactly
// one call of its Done, within kDeadline, whatever the upstreams do. Not thread-safe: it lives on its
// worker's event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <meshdns/address.hpp>
#include <meshdns/log_sink.hpp>
#include <meshdns/status.hpp>

#include "dns/base/counters.hpp"
#include "dns/forward/forward_plan.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/forward/outcome.hpp"
#include "dns/forward/question_in_flight.hpp"
#include "dns/forward/update_relay.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::forward {

inline constexpr std::chrono::milliseconds kDeadline{4'400};  // a stub resolver gives up at 5 s

class Forwarder {
 public:
  using Done = std::move_only_function<void(const Outcome&)>;

  Forwarder(boost::asio::io_context& loop, std::size_t max_in_flight, LoopGuard& loops,
            base::Counters& counters, LogSink& log);
  ~Forwarder();  // not from inside a Done; those of questions still in flight are dropped, not called

  // Pools of `plan` are used from now on; questions in flight end on the old ones.
  void use(const std::shared_ptr<const ForwardPlan>& plan);

  // Asks pool `pool` of the plan in use, and those that follow it. Done is called later, or at once (in this
  // call) when the question cannot be asked: the table is full, or `client` has its share of it, there is no
  // upstream, the same question failed within the last second, or the query is one of our own that came back.
  void submit(std::size_t pool, const wire::QueryView& query, const IpAddress& client, Done done);

  // Passes an UPDATE on to the upstreams of pool `pool` that do not lead back here. Done is called as by
  // UpdateRelay.
  void relay(std::size_t pool, std::span<const std::uint8_t> update, bool is_tcp, UpdateRelay::Done done);
  bool is_relaying(std::span<const std::uint8_t> update) const;

  std::size_t in_flight() const;  // questions and updates

  // The oldest questions in flight, at most so many, the oldest in front.
  std::vector<QuestionInFlight> oldest_in_flight(std::size_t limit) const;

  // Adds what is known about the upstreams, from any thread.
  void add_to(Status& status) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace meshdns::forward
