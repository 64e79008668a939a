// Durations as Go writes them: `10s`, `1m30s`, `1.5h`, `100ms`.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace meshdns::corefile {

// Go's time.ParseDuration (units ns, us, µs, ms, s, m and h; `0` needs none), without a sign. Nullopt also
// above a hundred years. What is finer than a millisecond is rounded down.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace meshdns::corefile
