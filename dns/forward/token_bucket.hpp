// TokenBucket: how many messages may go to one upstream, of all workers together.
//
// Kept as one number, the time at which the bucket will be full again: each token taken moves it on by the
// time that one costs (the generic cell rate algorithm). Tokens of the near future can be had too, so that
// who has to wait knows for how long, and wakes once.
#pragma once

#include <atomic>
#include <optional>

#include <meshdns/options.hpp>

#include "dns/forward/clock.hpp"

namespace meshdns::forward {

// Any thread.
class TokenBucket {
 public:
  explicit TokenBucket(const RateLimit& rate);  // full; both numbers at least 1

  // When the next token is there: `now` if one is.
  Clock::time_point next(Clock::time_point now) const;

  // Takes a token and returns when it may be used, at `now` or later; nullopt: not until `latest`, and none
  // is taken. There is no giving back.
  std::optional<Clock::time_point> take(Clock::time_point now, Clock::time_point latest);

 private:
  const Clock::duration cost_;   // of one token
  const Clock::duration spare_;  // of all that may go at once but one
  std::atomic<Clock::rep> full_at_ = Clock::time_point::min().time_since_epoch().count();
};

}  // namespace meshdns::forward
