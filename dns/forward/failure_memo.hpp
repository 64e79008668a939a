// FailureMemo: remembers for a second which questions failed, so that clients who repeat them at once do not
// make us ask again. Only what was asked in vain is in it: it hides no answer that anybody has.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "dns/forward/clock.hpp"

namespace meshdns::forward {

class FailureMemo {
 public:
  static constexpr std::chrono::milliseconds kMemory{1'000};
  static constexpr std::size_t kMaxFailures = 1024;  // the oldest one makes room

  bool is_empty() const { return errors_.empty(); }

  void remember(std::string_view question, std::string_view error, Clock::time_point now);

  // The error that it failed with; null if it did not fail lately. Valid until the next call.
  const std::string* find(std::string_view question, Clock::time_point now);

 private:
  void forget_old(Clock::time_point now);

  std::unordered_map<std::string, std::string> errors_;            // by question
  std::deque<std::pair<Clock::time_point, std::string>> by_time_;  // the oldest one in front
};

}  // namespace meshdns::forward
