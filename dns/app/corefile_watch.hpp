// CorefileWatch: what `reload` does: when to read the Corefile again, and whether it says something new.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string>

#include <meshdns/corefile.hpp>

namespace meshdns::app {

class CorefileWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // These options are in force. Without `reload` in them nothing is due any more.
  void use(const ServerOptions& options, Clock::time_point now = Clock::now());

  // When to read the Corefile; none: never.
  std::optional<Clock::time_point> due() const { return due_; }

  // To be told what was read then. True once for each text that is not in force, good or bad: what failed is
  // not tried again and again.
  bool is_news(const Result<Corefile>& corefile, Clock::time_point now = Clock::now());

 private:
  void schedule(Clock::time_point now);

  std::optional<ReloadOptions> reload_;
  std::optional<Clock::time_point> due_;
  std::string last_seen_;  // hash of a good text, message about a bad one
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace meshdns::app
