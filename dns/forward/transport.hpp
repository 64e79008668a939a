// Transport: takes messages to upstreams, over few sockets that are short-lived and hard to guess.
//
// A UDP socket is shared by at most 100 messages and takes none after 10 s or once it left one unanswered: a
// reused 5-tuple keeps a dead conntrack entry alive. It stays open while replies may still come. A TCP
// or TLS connection has one message on its way at a time and is kept for the next one. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "dns/base/counters.hpp"
#include "dns/forward/channel.hpp"
#include "dns/forward/clock.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/forward/random_numbers.hpp"
#include "dns/forward/upstream.hpp"

namespace meshdns::forward {

class Transport;

// One message on its way. When this is destroyed, nobody waits any more and the callback will not be called.
class Exchange {
 public:
  Exchange() = default;
  Exchange(Transport& transport, std::weak_ptr<Channel> channel, std::uint16_t id, bool is_reused)
      : transport_(&transport), channel_(std::move(channel)), id_(id), is_reused_(is_reused) {}
  Exchange(Exchange&& other) noexcept
      : transport_(std::exchange(other.transport_, nullptr)),
        channel_(std::move(other.channel_)),
        id_(other.id_),
        is_reused_(other.is_reused_) {}
  Exchange& operator=(Exchange&& other) noexcept;
  ~Exchange() { forget(); }

  bool is_open() const { return transport_ != nullptr; }
  bool is_reused() const { return is_reused_; }  // its socket or connection was open already
  void forget();
  void ended() { transport_ = nullptr; }  // its callback was called: there is nothing to forget

  // Unanswered for too long: its socket takes no new messages.
  void suspect();

 private:
  Transport* transport_ = nullptr;
  std::weak_ptr<Channel> channel_;
  std::uint16_t id_ = 0;
  bool is_reused_ = false;
};

class Transport {
 public:
  // 16 sockets to choose from leave a forger log2(28232 / 16) = 10.8 bits of port besides the id.
  static constexpr std::size_t kUdpSocketsInUse = 16;
  // Per server, those included that only wait for late replies.
  static constexpr std::size_t kMaxUdpSockets = 32;
  static constexpr std::size_t kMaxTcpSockets = 64;  // per server, TLS included
  static constexpr unsigned kMessagesPerSocket = 100;
  static constexpr std::chrono::seconds kMaxSocketAge{10};

  using OnHeard = std::move_only_function<void(const Upstream&, Clock::time_point)>;
  using OnUpstream = std::move_only_function<void(const Upstream&)>;

  // `on_heard` is called for every reply of an upstream, also for those that nobody waits for any more,
  // `on_mismatch` for what answers nothing.
  Transport(boost::asio::io_context& loop, LoopGuard& loops, base::Counters& counters, OnHeard on_heard,
            OnUpstream on_mismatch);

  // Sends `message` after writing a random id into it. `on_end` is called later, never from here. The result
  // is not open if there is no socket to spare.
  Exchange send(const Upstream& upstream, Protocol protocol, std::span<std::uint8_t> message,
                std::size_t question_size, OnEnd on_end);

  std::size_t open_sockets() const;

 private:
  friend Exchange;

  struct Socket {
    std::shared_ptr<Channel> channel;

    bool is_usable(Clock::time_point now) const;
    bool is_finished(Clock::time_point now) const;  // nothing that it could still bring is awaited
  };
  struct Connection {
    std::shared_ptr<Channel> channel;

    bool is_idle() const { return channel->is_idle(); }
    bool is_usable(Clock::time_point now) const;  // idle, and young enough
    bool is_finished(Clock::time_point now) const;
  };
  struct Server {
    std::vector<Socket> udp;
    std::vector<Connection> tcp;  // or TLS; the one last used behind the others
  };

  static bool takes_messages(const Channel& udp, Clock::time_point now);
  std::shared_ptr<Channel> udp_channel(Server& server, const Upstream& upstream, Clock::time_point now);
  std::shared_ptr<Channel> tcp_channel(Server& server, const Upstream& upstream, Clock::time_point now);
  void on_ended(const Channel& channel, Clock::time_point now);
  void close_finished(const Upstream& upstream);
  void sweep();

  OnHeard on_heard_;
  RandomNumbers random_;
  ChannelContext context_;
  std::map<Upstream, Server> servers_;  // those with sockets
  Timer sweep_timer_;
  bool is_sweeping_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a handler may already be queued when we die
};

}  // namespace meshdns::forward
