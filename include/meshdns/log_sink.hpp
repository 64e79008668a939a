// LogSink: where the library's messages go. The library itself never prints.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace meshdns {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

// Called from any thread of the server, so it must be thread-safe, and it must not block: a worker may be
// waiting. The text is one line without level or newline and is valid during the call only.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace meshdns
