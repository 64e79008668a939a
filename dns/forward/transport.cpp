#include "dns/forward/transport.hpp"

#include <algorithm>
#include <utility>

#include <stdlib.h>

#include "dns/forward/forwarder.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

constexpr std::chrono::seconds kSweepInterval{1};

std::size_t random_below(std::size_t bound) {
  return arc4random_uniform(static_cast<std::uint32_t>(bound));
}

std::uint16_t unused_id(const CaresChannel& channel) {
  std::uint16_t id = 0;
  do {
    id = static_cast<std::uint16_t>(arc4random());
  } while (channel.has(id));
  return id;
}

}  // namespace

Exchange& Exchange::operator=(Exchange&& other) noexcept {
  if (this != &other) {
    forget();
    transport_ = std::exchange(other.transport_, nullptr);
    channel_ = std::move(other.channel_);
    id_ = other.id_;
  }
  return *this;
}

void Exchange::forget() {
  Transport* const transport = std::exchange(transport_, nullptr);
  const auto channel = channel_.lock();
  if (transport != nullptr && channel) {
    channel->forget(id_);
    transport->close_finished(channel->server());
  }
}

void Exchange::suspect() {
  if (const auto channel = channel_.lock()) {
    transport_->suspect(*channel);
  }
}

bool Transport::Socket::is_usable(Clock::time_point now) const {
  return !is_suspect && !channel->is_broken() && channel->sent() < kMessagesPerSocket &&
         now - channel->opened_at() < kMaxSocketAge;
}

bool Transport::Socket::is_finished(Clock::time_point now) const {
  return !is_usable(now) && (channel->awaited() == 0 || now - channel->last_sent_at() > kDeadline);
}

Transport::Transport(boost::asio::io_context& loop, LoopGuard& loops, base::Counters& counters,
                     OnHeard on_heard)
    : on_heard_(std::move(on_heard)),
      context_{loop, loops, counters, std::vector<std::uint8_t>(wire::kMaxMessageSize),
               [this](const SocketAddress& server, bool has_reply) {
                 if (has_reply) {
                   on_heard_(server);
                 }
                 close_finished(server);
               }},
      sweep_timer_(loop) {}

std::shared_ptr<CaresChannel> Transport::udp_channel(Server& server, const SocketAddress& address) {
  const auto now = Clock::now();
  std::vector<const Socket*> usable;
  for (const Socket& socket : server.udp) {
    if (socket.is_usable(now)) {
      usable.push_back(&socket);
    }
  }
  if (usable.empty() && server.udp.size() == kMaxUdpSockets) {
    // All of them wait for a server that may be dead. One makes room once no reply can be lost with it; until
    // then a doubtful socket is better than none, a young one better than an old one.
    const auto age = [now](const Socket& socket) { return now - socket.channel->opened_at(); };
    if (age(server.udp.front()) < 2 * kDeadline) {
      const auto old =
          std::ranges::partition_point(server.udp, [&](const Socket& s) { return age(s) > kDeadline; });
      const auto young = static_cast<std::size_t>(server.udp.end() - old);
      const std::size_t from = young == 0 ? 0 : kMaxUdpSockets - young;
      return server.udp[from + random_below(kMaxUdpSockets - from)].channel;
    }
    server.udp.erase(server.udp.begin());
  }
  if (usable.size() < kUdpSocketsInUse && server.udp.size() < kMaxUdpSockets) {
    return server.udp.emplace_back(std::make_shared<CaresChannel>(context_, address, Protocol::Udp)).channel;
  }
  return usable[random_below(usable.size())]->channel;
}

Exchange Transport::send(const SocketAddress& server, Protocol protocol, std::span<std::uint8_t> message,
                         std::size_t question_size, OnEnd on_end) {
  Server& sockets = servers_[server];
  std::shared_ptr<CaresChannel> channel;
  if (protocol == Protocol::Udp) {
    channel = udp_channel(sockets, server);
  } else if (sockets.tcp.size() < kMaxTcpSockets) {
    channel = std::make_shared<CaresChannel>(context_, server, Protocol::Tcp);
    sockets.tcp.push_back({.channel = channel, .is_suspect = true});  // one message per connection
  } else {
    return {};
  }
  const std::uint16_t id = unused_id(*channel);
  wire::store16(message.data(), id);
  channel->send(message, question_size, std::move(on_end));
  context_.counters.upstream_sent.add();
  if (!std::exchange(is_sweeping_, true)) {
    sweep();
  }
  return Exchange(*this, channel, id);
}

std::size_t Transport::open_sockets() const {
  std::size_t count = 0;
  for (const auto& [address, server] : servers_) {
    count += server.udp.size() + server.tcp.size();
  }
  return count;
}

void Transport::suspect(const CaresChannel& channel) {
  const auto server = servers_.find(channel.server());
  if (server == servers_.end()) {
    return;
  }
  for (Socket& socket : server->second.udp) {
    socket.is_suspect = socket.is_suspect || socket.channel.get() == &channel;
  }
}

void Transport::close_finished(const SocketAddress& server) {
  const auto found = servers_.find(server);
  if (found == servers_.end()) {
    return;
  }
  const auto finished = [now = Clock::now()](const Socket& socket) { return socket.is_finished(now); };
  std::erase_if(found->second.udp, finished);
  std::erase_if(found->second.tcp, finished);
  if (found->second.udp.empty() && found->second.tcp.empty()) {
    servers_.erase(found);
  }
}

// Closes what aged without being touched; stops when nothing is open, so that an idle worker sleeps.
void Transport::sweep() {
  sweep_timer_.expires_after(kSweepInterval);
  sweep_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& cancelled) {
    if (cancelled || alive.expired()) {
      return;
    }
    std::vector<SocketAddress> addresses;
    addresses.reserve(servers_.size());
    for (const auto& [address, server] : servers_) {
      addresses.push_back(address);
    }
    std::ranges::for_each(addresses, [this](const SocketAddress& address) { close_finished(address); });
    is_sweeping_ = !servers_.empty();
    if (is_sweeping_) {
      sweep();
    }
  });
}

}  // namespace meshdns::forward
