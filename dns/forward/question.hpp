// Question: one question to the upstreams of one pool, from the first message to the outcome.
//
// It decides what a reply is worth: NOERROR and NXDOMAIN end it; a truncated reply is fetched by TCP; an
// error sends it on to the next upstream and is kept in case nobody knows better. Ends when its time is over,
// whatever the upstreams do. Lives on its worker's event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "dns/forward/alarms.hpp"
#include "dns/forward/clock.hpp"
#include "dns/forward/kept_query.hpp"
#include "dns/forward/live_plan.hpp"
#include "dns/forward/outcome.hpp"
#include "dns/forward/prober.hpp"
#include "dns/forward/retry_schedule.hpp"
#include "dns/forward/transport.hpp"

namespace meshdns::forward {

// What the questions of one worker share.
struct QuestionContext {
  Alarms& alarms;
  Transport& transport;
  Prober& prober;
  base::Counters& counters;
  std::size_t max_in_flight;
  std::size_t in_flight = 0;
  base::Counter all_upstreams_down = {};
  base::Counter max_concurrent_rejects = {};

  // Repeating what a dead upstream does not answer is for quiet times.
  bool is_crowded() const { return in_flight > max_in_flight / 4; }
};

class Question final : private Alarm {
 public:
  using OnOutcome = std::move_only_function<void(const Outcome&)>;

  // `pool` has upstreams that do not loop. It outlives this, and so does `message`, with OPT, as the first
  // asker's question makes it. `on_outcome` is called once, later, at the deadline at the latest, and may
  // destroy this: whoever calls finish() does nothing afterwards.
  Question(QuestionContext& context, LivePool& pool, const KeptQuery& message, Clock::time_point deadline,
           OnOutcome on_outcome);

  void start();

  // Ends it now, with an error.
  void abort(std::string_view error);

  // Those whose reply is still to come.
  std::vector<SocketAddress> waiting() const;

 private:
  struct Attempt {
    Ask ask;
    Protocol protocol;
    Clock::time_point sent_at;
    bool is_noted_silent = false;
    Exchange exchange;  // open until it ended
  };
  // A message that waits for its token.
  struct Delayed {
    Ask ask;
    Protocol protocol;
    Clock::time_point due;
  };
  // The best of the replies that do not end the question.
  struct Held {
    int rank = 0;  // lower is better
    std::vector<std::uint8_t> message;
    Clock::time_point since;
  };

  bool send(Ask ask, Protocol protocol);
  bool find_token(Ask& ask);
  bool transmit(Ask ask, Protocol protocol);
  void on_end(std::size_t attempt, const Ended& ended);
  void note_reply(const Attempt& attempt, std::span<const std::uint8_t> message);
  // These return the outcome if it is over.
  std::optional<Outcome> send(Ask ask);
  std::optional<Outcome> on_reply(Ask ask, Protocol protocol, std::span<const std::uint8_t> message);
  std::optional<Outcome> on_failure(Ask ask, Protocol protocol, std::string_view why);
  void note_failure(const Attempt& attempt, Clock::time_point now);
  bool is_final(std::uint16_t rcode) const;
  wire::ReplyView believed(wire::ReplyView reply, Ask ask) const;
  void hold(Ask ask, int rank, std::span<const std::uint8_t> message, std::size_t question_size);
  Clock::time_point end() const;
  void wait();
  void on_time() override;
  void note_silence(Clock::time_point now);
  UpstreamStats& stats_of(Ask ask) const { return *pool_.upstreams[ask.upstream].stats; }
  const Upstream& upstream_of(Ask ask) const { return pool_.upstreams[ask.upstream].upstream; }
  Protocol protocol_of(Ask ask) const { return pool_.protocol(pool_.upstreams[ask.upstream]); }
  std::string read_error(Ask ask, Protocol protocol, std::string_view why) const;
  Outcome best() const;
  void finish(const Outcome& outcome);

  QuestionContext& context_;
  LivePool& pool_;
  const KeptQuery& message_;
  OnOutcome on_outcome_;
  RetrySchedule schedule_;
  boost::container::small_vector<Attempt, 1> attempts_;
  std::optional<Delayed> delayed_;
  std::optional<Held> held_;
  std::string last_error_;
  Clock::time_point deadline_;
  Clock::time_point quiet_since_;
};

}  // namespace meshdns::forward
