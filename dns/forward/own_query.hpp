// A query that we ask for ourselves: without OPT, which an old server might not answer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <meshdns/domain_name.hpp>

#include "dns/wire/message.hpp"

namespace meshdns::forward {

// The id is for the transport to fill in.
inline std::vector<std::uint8_t> own_query(const DomainName& name, std::uint16_t type, bool recursive) {
  const auto octets = name.wire();
  std::vector<std::uint8_t> message(wire::kHeaderSize + octets.size() + 4);
  wire::store16(&message[2], recursive ? wire::flag::RD : 0);
  wire::store16(&message[4], 1);
  std::ranges::copy(octets, message.begin() + wire::kHeaderSize);
  wire::store16(&message[wire::kHeaderSize + octets.size()], type);
  wire::store16(&message[wire::kHeaderSize + octets.size() + 2], wire::klass::IN);
  return message;
}

}  // namespace meshdns::forward
