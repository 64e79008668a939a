// The records of a message as text, from ldns; for people who look at it, never on the packet path.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshdns::wire {

struct RecordText {
  std::string_view section;  // "answer", "authority", "additional"
  std::string name;          // with final dot
  std::uint32_t ttl = 0;
  std::string type;
  std::string data;
};

// In the order of the message; empty if ldns cannot read it.
std::vector<RecordText> record_texts(std::span<const std::uint8_t> message);

}  // namespace meshdns::wire
