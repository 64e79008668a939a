// UdpListener: one worker's UDP socket of one listen address. Receives a batch, answers what it can within
// the batch, sends the batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/socket.h>

#include <meshdns/address.hpp>

#include "dns/base/counters.hpp"
#include "dns/base/recycler.hpp"
#include "dns/server/datagram_batch.hpp"
#include "dns/server/open_socket.hpp"
#include "dns/server/query_handler.hpp"

namespace meshdns::server {

// Not thread-safe: lives on its worker's event loop. Kept alive by the responses that are still to come.
class UdpListener : public std::enable_shared_from_this<UdpListener> {
 public:
  // `batch` is shared by all listeners of the worker; each uses it only within one call.
  UdpListener(boost::asio::io_context& loop, ListenSocket socket, const SocketAddress& actual,
              DatagramBatch& batch, QueryHandler& handler, base::Counters& counters);

  void use(const Router& router) { router_ = &router; }
  void start() { wait(); }

  // Answers what is queued in the socket and receives no more; late responses are still sent. Who sends from
  // then on is refused, or answered by others who have the socket.
  void finish();
  void stop();  // as above, but leaves what is queued

 private:
  class DatagramOrigin;

  // Where a response goes that comes later.
  struct LateReply {
    std::shared_ptr<UdpListener> listener;
    DatagramPeer peer;
  };

  void wait();
  std::size_t run_batch();  // how many datagrams were there
  void send_one(const DatagramPeer& peer, std::span<const std::uint8_t> response);

  boost::asio::posix::stream_descriptor socket_;
  bool is_passed_;
  bool is_wildcard_;
  bool is_loopback_;
  SocketAddress local_;
  bool is_stopped_ = false;
  DatagramBatch& batch_;
  QueryHandler& handler_;
  base::Counters& counters_;
  const Router* router_ = nullptr;
  base::Recycler<LateReply> late_replies_;
};

}  // namespace meshdns::server
