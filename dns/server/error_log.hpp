// ErrorLog: what `errors` of one server block says of queries that ended in an error. Lines are few however
// many errors there are: what a pattern covers is counted, and of the rest one line per interval is written.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/base/log_limiter.hpp"
#include "dns/base/regex.hpp"

namespace meshdns::server {

// Shared by the workers; all members may be called from any thread.
class ErrorLog {
 public:
  using Clock = std::chrono::steady_clock;

  // `log` must outlive it. Errors: InvalidConfig (a pattern that is no regular expression).
  static Result<std::shared_ptr<ErrorLog>> make(LogSink& log, const std::vector<ConsolidateOptions>& options);

  ErrorLog(LogSink& log, std::vector<base::Regex> patterns, const std::vector<ConsolidateOptions>& options);

  // `question` without class.
  void report(std::uint16_t rcode, std::span<const std::uint8_t> name, std::uint16_t type,
              std::string_view error, Clock::time_point now = Clock::now());

  // Writes the counts whose interval is over; all of them when `everything` is wanted.
  void write_counts(bool everything, Clock::time_point now = Clock::now());

  // How often that is worth while; none: nothing is ever counted.
  std::optional<std::chrono::milliseconds> pace() const;

 private:
  struct Consolidated {
    ConsolidateOptions options;
    base::Regex pattern;
    std::uint64_t count = 0;
    Clock::time_point since;
  };

  LogSink& log_;
  mutable std::mutex mutex_;
  base::LogLimiter limiter_;
  std::vector<Consolidated> consolidated_;
};

}  // namespace meshdns::server
