// UdpChannel: one connected UDP socket to one server, shared by messages that differ in their ids.
//
// The kernel lets nobody else's datagrams in; of the server's own, only those count that answer a question of
// ours. c-ares is not used here: it would have to be kept from all that it does with a datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "dns/forward/channel.hpp"

namespace meshdns::forward {

class UdpChannel final : public Channel, public std::enable_shared_from_this<UdpChannel> {
 public:
  UdpChannel(ChannelContext& context, const Upstream& upstream);
  ~UdpChannel() override;

  bool has(std::uint16_t id) const override { return find(id) != ids_.size(); }
  bool is_idle() const override { return ids_.empty(); }
  void send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) override;
  bool forget(std::uint16_t id) override;

 private:
  struct Message {
    std::size_t at = 0;  // of octets_
    std::uint16_t size = 0;
    std::uint16_t question_size = 0;
    OnEnd on_end;  // empty: nobody waits for it
  };

  std::size_t find(std::uint16_t id) const;  // its place in ids_, or their number
  std::span<const std::uint8_t> octets(const Message& message) const {
    return std::span(octets_).subspan(message.at, message.size);
  }
  boost::system::error_code open();
  boost::system::error_code transmit(std::span<const std::uint8_t> message);
  void watch();
  void read();
  void take(std::span<const std::uint8_t> datagram);
  void fail(int error);
  void end(std::size_t place, const Ended& ended);

  ChannelContext& context_;
  boost::asio::ip::udp::socket socket_;
  // On their way: few enough that looking through their ids is the fastest way to one.
  std::vector<std::uint16_t> ids_;
  std::vector<Message> messages_;     // as ids_
  std::vector<std::uint8_t> octets_;  // of all messages since there was none; a socket does not see many
};

}  // namespace meshdns::forward
