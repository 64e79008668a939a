#include "dns/app/corefile_watch.hpp"

#include <utility>

namespace meshdns::app {

void CorefileWatch::use(const ServerOptions& options, Clock::time_point now) {
  reload_ = options.reload;
  last_seen_ = options.config_hash;
  schedule(now);
}

bool CorefileWatch::is_news(const Result<Corefile>& corefile, Clock::time_point now) {
  schedule(now);
  std::string seen = corefile ? corefile->options.config_hash : corefile.error().what;
  return std::exchange(last_seen_, seen) != seen;
}

// Servers that were started together do not all look at once.
void CorefileWatch::schedule(Clock::time_point now) {
  due_.reset();
  if (reload_) {
    const auto half = reload_->jitter.count() / 2;
    std::uniform_int_distribution<std::int64_t> jitter(-half, half);
    due_ = now + reload_->interval + std::chrono::milliseconds(jitter(random_));
  }
}

}  // namespace meshdns::app
