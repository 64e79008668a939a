// One question, asked as an application would.
#pragma once

#include <cstdint>
#include <string>

#include <meshdns/result.hpp>

namespace meshdns::redirect {

struct ProbeAnswer {
  bool is_answered = false;
  std::string text;  // `answered`, `refused`, `no answer within 2 s`, ...
};

// Asks `server` over UDP for a name that does not exist, from a process of `uid`. Needs to run as root.
// Errors: Internal.
Result<ProbeAnswer> ask_as(std::uint32_t uid, const std::string& server);

}  // namespace meshdns::redirect
