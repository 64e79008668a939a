// TcpSession: one client connection (RFC 7766). Queries are read as they come, answered as they become ready,
// in any order; responses that are ready together leave in one write.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "dns/base/counters.hpp"
#include "dns/server/query_handler.hpp"

namespace meshdns::server {

struct TcpLimits {
  std::size_t max_queries_in_flight = 32;
  std::chrono::milliseconds idle_timeout{10'000};
  std::chrono::milliseconds first_message_timeout{3'000};
  std::chrono::milliseconds write_timeout{5'000};
  std::size_t max_queries = 0;  // 0: no limit
};

// Not thread-safe: lives on its worker's event loop. Its listener holds it and asks it regularly whether it
// is due.
class TcpSession : public std::enable_shared_from_this<TcpSession> {
 public:
  using Clock = std::chrono::steady_clock;

  TcpSession(boost::asio::ip::tcp::socket socket, const TcpLimits& limits, QueryHandler& handler,
             base::Counters& counters, std::span<std::uint8_t> scratch);

  void use(const Router& router) { router_ = &router; }
  void start();

  // True when the client took too long: idle, a message half sent, or a response not read.
  bool is_overdue(Clock::time_point now) const { return now >= deadline_; }
  bool is_closed() const { return closed_; }

  // Answers what the client has sent so far, then closes.
  void finish();
  void close();

 private:
  class StreamOrigin;
  class Expected;

  bool may_take() const;  // another query
  void read();
  void proceed();
  void take_messages();
  void queue(std::span<const std::uint8_t> response);
  void write();
  void update_deadline();

  boost::asio::ip::tcp::socket socket_;
  const TcpLimits limits_;
  QueryHandler& handler_;
  base::Counters& counters_;
  std::span<std::uint8_t> scratch_;  // for responses; shared, used only within one call
  const Router* router_ = nullptr;
  SocketAddress local_;

  std::vector<std::uint8_t> in_;
  std::size_t in_used_ = 0;
  std::vector<std::uint8_t> queued_;  // responses waiting for the write under way
  std::vector<std::uint8_t> writing_;
  Clock::time_point writing_since_;
  std::size_t taken_ = 0;  // queries, since the connection began
  std::size_t in_flight_ = 0;
  Clock::time_point deadline_;
  std::optional<Clock::time_point> message_since_;  // when the message that is not whole yet began
  bool taking_ = false;
  bool reading_ = false;
  bool input_ended_ = false;
  bool closed_ = false;
};

}  // namespace meshdns::server
