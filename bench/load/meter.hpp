// Meter: the clock and the books of one load run.
//
// A run is: warm-up, counted interval, drain (nothing is sent any more, replies are awaited up to the
// timeout). Only queries sent within the counted interval are in the books, so sent = received + lost + bad
// at the end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "bench/load/latency.hpp"

namespace meshdns::load {

using Clock = std::chrono::steady_clock;

struct LoadPlan {
  std::chrono::nanoseconds warm_up = std::chrono::milliseconds(500);
  std::chrono::nanoseconds counted = std::chrono::seconds(3);
  std::chrono::nanoseconds timeout = std::chrono::milliseconds(500);  // then a query counts as lost
  double rate = 0;                                                    // queries/s at most; 0: no cap
  std::vector<pid_t> watched;  // the server's processes; their CPU time is measured over the counted interval
};

class Meter {
 public:
  Meter(LoadPlan plan, Clock::time_point now);

  /// To be called once per turn of a generator's loop, with the time the turn uses.
  void tick(Clock::time_point now);

  bool is_over(Clock::time_point now, bool nothing_in_flight) const {
    return phase_ == Phase::Drain && (nothing_in_flight || now > drained_);
  }
  Clock::duration timeout() const { return plan_.timeout; }

  bool is_rate_capped() const { return plan_.rate != 0; }

  /// How many queries may be sent now: none once the counted interval is over, else what the rate cap allows.
  std::size_t allowance(Clock::time_point now) const;

  /// Books one sent query; whether it counts is to be handed back with its outcome.
  bool sent();
  void received(bool counts, Clock::duration latency);
  void bad(bool counts, std::string_view fault);
  void lost(bool counts);
  void stray() { ++strays_; }
  void reconnected() { ++reconnects_; }

  std::uint64_t good_replies() const { return all_received_; }
  std::string_view first_fault() const { return first_fault_; }

  /// The line that the runner reads: key=value pairs, latencies in microseconds.
  std::string report() const;

 private:
  enum class Phase { WarmUp, Counted, Drain };

  std::chrono::nanoseconds server_cpu() const;

  LoadPlan plan_;
  Phase phase_ = Phase::WarmUp;
  Clock::time_point began_;
  Clock::time_point counted_from_;
  Clock::time_point counted_to_;
  Clock::time_point drained_;
  std::chrono::nanoseconds cpu_{};

  std::uint64_t all_sent_ = 0;  // warm-up included, for the rate cap
  std::uint64_t all_received_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t bad_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t strays_ = 0;
  std::uint64_t reconnects_ = 0;
  std::string_view first_fault_;
  Latency latency_;
};

}  // namespace meshdns::load
