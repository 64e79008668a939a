// KeptReply: a copy of a cache entry for people to look at.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "dns/cache/entry.hpp"

namespace meshdns::cache {

struct KeptReply {
  Kind kind = Kind::Success;
  std::uint16_t rcode = 0;
  bool is_authentic = false;
  bool dnssec_ok = false;          // it answers questions with the DO bit
  bool checking_disabled = false;  // ... with the CD bit
  std::chrono::seconds age{0};
  std::chrono::seconds left{0};       // until it is over, rounded down; below zero: how long ago that was
  bool is_usable_stale = false;       // it is over, and may be given when no upstream answers
  std::vector<std::uint8_t> message;  // a response with its question, each TTL less the age
};

}  // namespace meshdns::cache
