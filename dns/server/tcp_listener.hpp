// TcpListener: one worker's listening TCP socket of one address, and the connections that came in through it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <meshdns/address.hpp>

#include "dns/base/counters.hpp"
#include "dns/server/open_socket.hpp"
#include "dns/server/query_handler.hpp"
#include "dns/server/tcp_session.hpp"

namespace meshdns::server {

struct TcpListenerLimits {
  TcpLimits session;
  std::size_t max_connections = 256;  // of all listeners that share `open_connections`
};

// Not thread-safe: lives on its worker's event loop.
class TcpListener : public std::enable_shared_from_this<TcpListener> {
 public:
  TcpListener(boost::asio::io_context& loop, ListenSocket socket, const SocketAddress& actual,
              const TcpListenerLimits& limits, std::size_t& open_connections, QueryHandler& handler,
              base::Counters& counters, std::span<std::uint8_t> scratch);

  void use(const Router& router);
  void start();

  bool has_connections();

  // Accepts no more; what the clients have sent so far is answered, then their connections end. Who waits to
  // be accepted counts as a client, unless others have the socket and will see to it.
  void finish();
  void close();  // everything, now

 private:
  void accept();
  void take(boost::asio::ip::tcp::socket socket);
  void sweep();
  void forget_closed();

  boost::asio::ip::tcp::acceptor acceptor_;
  bool is_passed_;
  boost::asio::steady_timer sweeper_;
  const TcpListenerLimits& limits_;
  std::size_t& open_connections_;
  QueryHandler& handler_;
  base::Counters& counters_;
  std::span<std::uint8_t> scratch_;
  const Router* router_ = nullptr;
  std::unordered_set<std::shared_ptr<TcpSession>> sessions_;
  bool is_sweeping_ = false;
  bool is_finishing_ = false;
};

}  // namespace meshdns::server
