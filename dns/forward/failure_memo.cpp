#include "dns/forward/failure_memo.hpp"

namespace meshdns::forward {

void FailureMemo::remember(std::string_view question, std::string_view error, Clock::time_point now) {
  forget_old(now);
  if (errors_.size() == kMaxFailures) {
    errors_.erase(by_time_.front().second);
    by_time_.pop_front();
  }
  if (errors_.try_emplace(std::string(question), error).second) {
    by_time_.emplace_back(now, question);
  }
}

const std::string* FailureMemo::find(std::string_view question, Clock::time_point now) {
  forget_old(now);
  const auto found = errors_.find(std::string(question));
  return found == errors_.end() ? nullptr : &found->second;
}

void FailureMemo::forget_old(Clock::time_point now) {
  while (!by_time_.empty() && now - by_time_.front().first >= kMemory) {
    errors_.erase(by_time_.front().second);
    by_time_.pop_front();
  }
}

}  // namespace meshdns::forward
