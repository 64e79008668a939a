// LogLimiter: lets the first line of a kind through, then at most one per interval, which tells how many were
// held back. A dead upstream must not fill the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <meshdns/log_sink.hpp>

namespace meshdns::base {

// Not thread-safe: one per worker.
class LogLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LogLimiter(LogSink& sink, std::chrono::milliseconds interval = std::chrono::seconds(10))
      : sink_(sink), interval_(interval) {}

  // False: a line of this kind would be held back now; it is counted as such, and need not be made.
  bool admits(std::string_view kind, Clock::time_point now = Clock::now());

  // `kind` says which lines count as the same; there must be few kinds (no names of clients or queries in
  // them).
  void log(LogLevel level, std::string_view kind, std::string_view text,
           Clock::time_point now = Clock::now());

 private:
  struct State {
    Clock::time_point last;
    std::uint64_t held_back = 0;
  };

  LogSink& sink_;
  std::chrono::milliseconds interval_;
  std::unordered_map<std::string, State> kinds_;
};

}  // namespace meshdns::base
