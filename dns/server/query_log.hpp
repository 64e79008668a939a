// The query log line, in CoreDNS's common format.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include <meshdns/address.hpp>

#include "dns/wire/message.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

struct QueryLogEntry {
  SocketAddress client;
  bool is_tcp = false;
  std::uint16_t id = 0;
  std::span<const std::uint8_t> question;
  wire::Edns edns;
  std::size_t query_size = 0;
  std::span<const std::uint8_t> response;
  std::chrono::steady_clock::duration took{};
};

// `127.0.0.1:36124 - 4660 "A IN www.test. udp 26 false 512" NOERROR qr,rd,ra 50 0.001078828s`
std::string query_log_line(const QueryLogEntry& entry);

}  // namespace meshdns::server
