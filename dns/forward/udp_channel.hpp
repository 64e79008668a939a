// UdpChannel: one connected UDP socket to one server, shared by messages that differ in their ids.
//
// The kernel lets nobody else's datagrams in; of the server's own, only those count that answer a question of
// ours. c-ares is not used here: it would have to be kept from all that it does with a datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "dns/forward/channel.hpp"

namespace meshdns::forward {

class UdpChannel final : public Channel, public std::enable_shared_from_this<UdpChannel> {
 public:
  UdpChannel(ChannelContext& context, const Upstream& upstream);
  ~UdpChannel() override;

  bool has(std::uint16_t id) const override { return on_their_way_.contains(id); }
  bool is_idle() const override { return on_their_way_.empty(); }
  void send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) override;
  bool forget(std::uint16_t id) override;

 private:
  struct Message {
    std::vector<std::uint8_t> bytes;
    std::size_t question_size = 0;
    OnEnd on_end;  // empty: nobody waits for it
  };
  using Messages = std::unordered_map<std::uint16_t, Message>;

  boost::system::error_code open();
  boost::system::error_code transmit(std::span<const std::uint8_t> message);
  void watch();
  void read();
  void take(std::span<const std::uint8_t> datagram);
  void fail(int error);
  void end(Messages::iterator message, const Ended& ended);

  ChannelContext& context_;
  boost::asio::ip::udp::socket socket_;
  Messages on_their_way_;
};

}  // namespace meshdns::forward
