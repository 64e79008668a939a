#include "dns/forward/clock.hpp"

namespace meshdns::forward {

Clock::time_point Clock::now() noexcept {
  return time_point(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace meshdns::forward
