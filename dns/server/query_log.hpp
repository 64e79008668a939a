// QueryLog: the query log of one `log` line: which queries, which answers, and how a line of it looks.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/options.hpp>

#include "dns/wire/message.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

struct QueryLogEntry {
  SocketAddress client;
  SocketAddress local;  // where the query was received
  bool is_tcp = false;
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // of the query
  std::span<const std::uint8_t> question;
  wire::Edns edns;
  std::size_t query_size = 0;
  std::span<const std::uint8_t> response;
  std::chrono::steady_clock::duration took{};
};

// A text with CoreDNS's placeholders, taken apart once.
class LogFormat {
 public:
  explicit LogFormat(std::string_view text);

  std::string line(const QueryLogEntry& entry) const;

 private:
  struct Piece {
    std::string text;  // when `value` is null
    std::string (*value)(const QueryLogEntry&) = nullptr;
  };

  void take_apart(std::string_view text);

  std::vector<Piece> pieces_;
};

class QueryLog {
 public:
  explicit QueryLog(const LogOptions& options);

  bool covers(std::span<const std::uint8_t> folded_qname) const noexcept;
  bool wants(std::span<const std::uint8_t> response) const noexcept;

  // `127.0.0.1:36124 - 4660 "A IN www.test. udp 26 false 512" NOERROR qr,rd,ra 50 0.001078828s`
  std::string line(const QueryLogEntry& entry) const { return format_.line(entry); }

 private:
  std::vector<DomainName> zones_;
  LogClasses classes_;
  LogFormat format_;
};

}  // namespace meshdns::server
