// QuestionInFlight: a copy of what is known of one question that upstreams are being asked.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>

namespace meshdns::forward {

struct QuestionInFlight {
  DomainName name;
  std::uint16_t type = 0;
  std::uint16_t qclass = 0;
  std::chrono::milliseconds age{0};
  std::size_t askers = 0;              // clients that want to know
  bool is_alternate = false;           // an `alternate` is asked by now
  std::vector<SocketAddress> waiting;  // for a reply of these; one asked twice is named twice
};

}  // namespace meshdns::forward
