// Channel: one socket to one upstream, however it is driven. What its users need to know of it.
//
// Not thread-safe. No callback comes from inside send(), so a callback may do anything, destroying the last
// reference to its channel included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "dns/base/counters.hpp"
#include "dns/forward/clock.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/forward/upstream.hpp"
#include "dns/wire/message_buffer.hpp"

namespace meshdns::forward {

// How a message ended. The reply is valid during the callback only.
struct Ended {
  // To the message's id and question; nothing else is checked.
  std::span<const std::uint8_t> reply;
  // Without a reply: the errno that tells why.
  int error = 0;
  // ... in other words, if there are any.
  std::string_view reason;
  // The connection had been used before and was closed: that says nothing about the upstream.
  bool is_stale = false;
};
using OnEnd = std::move_only_function<void(const Ended&)>;

class Channel {
 public:
  Channel(const Upstream& upstream, Protocol protocol) : upstream_(upstream), protocol_(protocol) {}
  virtual ~Channel() = default;  // messages on their way are dropped without a callback
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  virtual bool has(std::uint16_t id) const = 0;
  virtual bool is_idle() const = 0;  // no message is on its way, awaited or not

  // `message` starts with an id that is not has(); its question has `question_size` octets. To be followed by
  // note_sent().
  virtual void send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) = 0;

  void note_sent(Clock::time_point now) {
    ++awaited_;
    ++sent_;
    last_sent_at_ = last_used_at_ = now;
  }

  // The callback of this message will not be called. False: it was called already.
  virtual bool forget(std::uint16_t id) = 0;

  // It left a message unanswered for too long.
  void suspect() { is_suspect_ = true; }
  bool is_suspect() const { return is_suspect_; }

  const Upstream& upstream() const { return upstream_; }
  Protocol protocol() const { return protocol_; }
  std::size_t awaited() const { return awaited_; }  // messages whose callback is still to come
  unsigned sent() const { return sent_; }
  bool is_broken() const { return is_broken_; }  // its socket is closed
  Clock::time_point opened_at() const { return opened_at_; }
  Clock::time_point last_sent_at() const { return last_sent_at_; }
  Clock::time_point last_used_at() const { return last_used_at_; }  // sent or ended

 protected:
  // As forget(), of the messages on their way by id. The id stays taken, so that a late reply finds it.
  template <class Messages>
  bool forget_in(Messages& messages, std::uint16_t id) {
    const auto found = messages.find(id);
    if (found == messages.end() || !found->second.on_end) {
      return false;
    }
    found->second.on_end = nullptr;
    --awaited_;
    return true;
  }

  const Upstream upstream_;
  const Protocol protocol_;
  std::size_t awaited_ = 0;
  unsigned sent_ = 0;
  bool is_broken_ = false;
  bool is_suspect_ = false;
  Clock::time_point opened_at_ = Clock::now();
  Clock::time_point last_sent_at_ = opened_at_;
  Clock::time_point last_used_at_ = opened_at_;
};

// What the channels of one worker share.
struct ChannelContext {
  boost::asio::io_context& loop;
  LoopGuard& loops;
  base::Counters& counters;
  wire::MessageBuffer buffer;
  // A message over this channel ended, just when it was last used, with a reply or without, awaited by
  // somebody or not. The channel may be gone afterwards.
  std::move_only_function<void(const Channel& channel, bool has_reply)> on_message_ended;
  // It sent something that answers no question of ours.
  std::move_only_function<void(const Upstream& upstream)> on_mismatch;
};

}  // namespace meshdns::forward
