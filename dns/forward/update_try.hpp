// UpdateTry: an UPDATE on its way to one upstream, as the client wrote it, over a socket of its own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include "dns/forward/channel.hpp"
#include "dns/forward/upstream.hpp"

namespace meshdns::forward {

using UpdateMessage = std::shared_ptr<const std::vector<std::uint8_t>>;

// Not thread-safe. Kept alive by what its socket is waiting for, until that is over or it is stopped.
class UpdateTry : public std::enable_shared_from_this<UpdateTry> {
 public:
  UpdateTry(boost::asio::io_context& loop, const Upstream& upstream, UpdateMessage message, OnEnd on_end);

  // Over UDP or TCP. `on_end` is called once, later, never from here.
  void start(Protocol protocol);

  // `on_end` will not be called any more.
  void stop();

 private:
  void send();
  void receive();
  void connect();
  void write();
  void read_size();
  void read_message();

  template <class Socket>
  boost::system::error_code open(Socket& socket);
  bool is_answer(std::span<const std::uint8_t> reply) const;
  void fail_later(const boost::system::error_code& failed);
  void end(const Ended& ended);

  boost::asio::io_context& loop_;
  const Upstream upstream_;
  const UpdateMessage message_;
  OnEnd on_end_;
  boost::asio::ip::udp::socket udp_;
  boost::asio::ip::tcp::socket tcp_;
  std::array<std::uint8_t, 2> size_{};  // in front of a message over TCP
  std::vector<std::uint8_t> reply_;
};

}  // namespace meshdns::forward
