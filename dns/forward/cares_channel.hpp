// CaresChannel: one TCP connection to one server, driven by c-ares. The only file that knows ares.h is its
// .cpp.
//
// c-ares 1.18 sends, matches ids and reads TCP frames. Its timers, resolv.conf and retries are off.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "dns/forward/channel.hpp"

struct ares_channeldata;

namespace meshdns::forward {

class CaresChannel final : public Channel, public std::enable_shared_from_this<CaresChannel> {
 public:
  CaresChannel(ChannelContext& context, const Upstream& upstream);
  ~CaresChannel() override;

  bool has(std::uint16_t id) const override { return on_their_way_.contains(id); }
  bool is_idle() const override { return on_their_way_.empty(); }
  void send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) override;
  bool forget(std::uint16_t id) override;

 private:
  struct Hooks;  // the functions that c-ares calls
  friend Hooks;

  struct Message {
    Message(CaresChannel& owner, std::span<const std::uint8_t> message, OnEnd callback);
    ~Message();
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    CaresChannel& channel;
    std::vector<std::uint8_t> bytes;
    OnEnd on_end;
  };
  struct Completed {
    std::uint16_t id;
    bool has_reply;
  };

  void open();
  void watch(bool for_write);
  void process(bool writable);
  void deliver();
  // As recv() returns it.
  std::ptrdiff_t receive(int fd, void* out, std::size_t room);

  ChannelContext& context_;
  ares_channeldata* ares_ = nullptr;
  boost::asio::posix::stream_descriptor socket_;
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool wants_to_write_ = false;
  bool made_progress_ = false;  // c-ares read something in this call
  int last_error_ = 0;

  std::unordered_map<std::uint16_t, Message> on_their_way_;
  std::vector<Completed> completed_;  // told by c-ares, not yet told to the owners
  std::size_t reply_size_ = 0;        // of the reply in context_.buffer
  bool has_answered_ = false;
};

}  // namespace meshdns::forward
