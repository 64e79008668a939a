// InternalErrors: what becomes of an exception that nobody expected: it costs the query that was being
// handled, never the process.
#pragma once

#include <meshdns/log_sink.hpp>

#include "dns/base/counters.hpp"
#include "dns/base/log_limiter.hpp"

namespace meshdns::server {

// Not thread-safe: one per worker.
class InternalErrors {
 public:
  InternalErrors(base::Counters& counters, LogSink& log);

  // Counts and logs the exception that is being handled: to be called in a catch block.
  void report() noexcept;

 private:
  base::Counters& counters_;
  base::LogLimiter log_;
};

}  // namespace meshdns::server
