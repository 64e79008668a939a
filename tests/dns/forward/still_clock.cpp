#include "tests/dns/forward/still_clock.hpp"

#include "dns/forward/clock.hpp"

namespace meshdns::forward {
namespace {

Clock::time_point clock_time{std::chrono::hours(1)};

}  // namespace

void move_clock(std::chrono::milliseconds time) {
  clock_time += time;
}

Clock::time_point Clock::now() noexcept {
  return clock_time;
}

}  // namespace meshdns::forward
