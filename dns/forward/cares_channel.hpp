// CaresChannel: one socket to one server, driven by c-ares. The only file that knows ares.h is its .cpp.
//
// c-ares 1.18 sends, matches ids and reads TCP frames; whether a datagram is believed we decide ourselves
// (see receive_datagram). Its timers, resolv.conf and retries are off. Not thread-safe. No callback comes
// from inside send(), so a callback may do anything, destroying the last reference to its channel included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <meshdns/address.hpp>

#include "dns/base/counters.hpp"
#include "dns/forward/clock.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/forward/retry_schedule.hpp"

struct ares_channeldata;

namespace meshdns::forward {

// How a message ended. The reply is valid during the callback only.
struct Ended {
  // To the message's id and question; nothing else is checked.
  std::span<const std::uint8_t> reply;
  // Without a reply: the errno that tells why.
  int error = 0;
};
using OnEnd = std::move_only_function<void(const Ended&)>;

// What the channels of one worker share.
struct ChannelContext {
  boost::asio::io_context& loop;
  LoopGuard& loops;
  base::Counters& counters;
  std::vector<std::uint8_t> buffer;  // holds the largest message
  // A message to this server ended, with a reply or without, awaited by somebody or not.
  std::move_only_function<void(const SocketAddress& server, bool has_reply)> on_message_ended;
};

class CaresChannel : public std::enable_shared_from_this<CaresChannel> {
 public:
  CaresChannel(ChannelContext& context, const SocketAddress& server, Protocol protocol);
  ~CaresChannel();  // messages on their way are dropped without a callback
  CaresChannel(const CaresChannel&) = delete;
  CaresChannel& operator=(const CaresChannel&) = delete;

  bool has(std::uint16_t id) const { return on_their_way_.contains(id); }

  // `message` starts with an id that is not has(); its question has `question_size` octets.
  void send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end);

  // The callback of this message will not be called.
  void forget(std::uint16_t id);

  const SocketAddress& server() const { return server_; }
  std::size_t awaited() const { return awaited_; }  // messages whose callback is still to come
  unsigned sent() const { return sent_; }
  bool is_broken() const { return is_broken_; }  // its socket is closed
  Clock::time_point opened_at() const { return opened_at_; }
  Clock::time_point last_sent_at() const { return last_sent_at_; }

 private:
  struct Hooks;  // the functions that c-ares calls
  friend Hooks;

  struct Message {
    Message(CaresChannel& owner, std::span<const std::uint8_t> message, std::size_t asked, OnEnd callback);
    ~Message();
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    std::span<const std::uint8_t> question() const;

    CaresChannel& channel;
    std::vector<std::uint8_t> bytes;
    std::size_t question_size;
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
  // What recvfrom() would return, for a connected UDP socket from which only believable replies come.
  std::ptrdiff_t receive_datagram(int fd, void* out, std::size_t room);
  std::ptrdiff_t receive_stream(int fd, void* out, std::size_t room);

  ChannelContext& context_;
  const SocketAddress server_;
  const Protocol protocol_;
  ares_channeldata* ares_ = nullptr;
  boost::asio::posix::stream_descriptor socket_;
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool wants_to_write_ = false;
  bool is_broken_ = false;
  bool made_progress_ = false;  // c-ares read something in this call
  int last_error_ = 0;

  std::unordered_map<std::uint16_t, Message> on_their_way_;
  std::size_t awaited_ = 0;
  std::vector<Completed> completed_;  // told by c-ares, not yet told to the owners
  std::size_t reply_size_ = 0;        // of the reply in context_.buffer
  unsigned sent_ = 0;
  Clock::time_point opened_at_ = Clock::now();
  Clock::time_point last_sent_at_ = opened_at_;
};

}  // namespace meshdns::forward
