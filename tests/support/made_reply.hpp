// Replies for tests, put together from records in presentation format by ldns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/support/dns_message.hpp"

namespace meshdns::test {

struct MadeReply {
  std::vector<std::string> answer = {};  // "www.example.org. 60 IN A 10.0.0.1"
  std::vector<std::string> authority = {};
  std::vector<std::string> additional = {};
  std::uint16_t flags = 0x8080;  // QR, RA; the code is in it
  bool with_opt = false;
};

// Id, RD and question are those of `query`. Throws if a record cannot be read.
Octets make_reply(std::span<const std::uint8_t> query, const MadeReply& reply);

}  // namespace meshdns::test
