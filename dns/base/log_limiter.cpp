#include "dns/base/log_limiter.hpp"

#include <fmt/format.h>

namespace meshdns::base {

bool LogLimiter::admits(std::string_view kind, Clock::time_point now) {
  const auto found = kinds_.find(std::string(kind));
  if (found == kinds_.end() || now - found->second.last >= interval_) {
    return true;
  }
  ++found->second.held_back;
  return false;
}

void LogLimiter::log(LogLevel level, std::string_view kind, std::string_view text, Clock::time_point now) {
  const auto [found, is_new] = kinds_.try_emplace(std::string(kind), State{now});
  State& state = found->second;
  if (!is_new && now - state.last < interval_) {
    ++state.held_back;
    return;
  }
  if (state.held_back == 0) {
    sink_(level, text);
  } else {
    sink_(level, fmt::format("{} ({} more like it in the last {} s)", text, state.held_back,
                             std::chrono::duration_cast<std::chrono::seconds>(now - state.last).count()));
  }
  state = {now};
}

}  // namespace meshdns::base
