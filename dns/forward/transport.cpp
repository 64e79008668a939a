#include "dns/forward/transport.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/forward/cares_channel.hpp"
#include "dns/forward/forwarder.hpp"
#include "dns/forward/tls_channel.hpp"
#include "dns/forward/udp_channel.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

constexpr std::chrono::seconds kSweepInterval{1};

std::uint16_t unused_id(const Channel& channel, RandomNumbers& random) {
  std::uint16_t id = 0;
  do {
    id = random.next();
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
    is_reused_ = other.is_reused_;
  }
  return *this;
}

void Exchange::forget() {
  Transport* const transport = std::exchange(transport_, nullptr);
  if (transport == nullptr) {
    return;
  }
  if (const auto channel = channel_.lock(); channel && channel->forget(id_)) {
    transport->on_ended(*channel, Clock::now());
  }
}

void Exchange::suspect() {
  if (const auto channel = channel_.lock()) {
    channel->suspect();
  }
}

inline bool Transport::takes_messages(const Channel& udp, Clock::time_point now) {
  return !udp.is_suspect() && !udp.is_broken() && udp.sent() < kMessagesPerSocket &&
         now - udp.opened_at() < std::min<Clock::duration>(kMaxSocketAge, udp.upstream().expire);
}

inline bool Transport::Socket::is_usable(Clock::time_point now) const {
  return takes_messages(*channel, now);
}

bool Transport::Socket::is_finished(Clock::time_point now) const {
  return !is_usable(now) && (channel->awaited() == 0 || now - channel->last_sent_at() > kDeadline);
}

bool Transport::Connection::is_usable(Clock::time_point now) const {
  const Upstream& upstream = channel->upstream();
  return is_idle() && !channel->is_broken() && now - channel->last_used_at() < upstream.expire &&
         (upstream.max_age.count() == 0 || now - channel->opened_at() < upstream.max_age);
}

bool Transport::Connection::is_finished(Clock::time_point now) const {
  return !is_usable(now) && (channel->awaited() == 0 || now - channel->last_sent_at() > kDeadline);
}

Transport::Transport(boost::asio::io_context& loop, LoopGuard& loops, base::Counters& counters,
                     OnHeard on_heard, OnUpstream on_mismatch)
    : on_heard_(std::move(on_heard)),
      context_{loop,
               loops,
               counters,
               {},
               [this](const Channel& channel, bool has_reply) {
                 if (has_reply) {
                   on_heard_(channel.upstream(), channel.last_used_at());
                 }
                 on_ended(channel, channel.last_used_at());
               },
               std::move(on_mismatch)},
      sweep_timer_(loop) {}

std::shared_ptr<Channel> Transport::udp_channel(Server& server, const Upstream& upstream,
                                                Clock::time_point now) {
  std::array<const Socket*, kMaxUdpSockets> usable{};
  std::size_t count = 0;
  for (const Socket& socket : server.udp) {
    if (socket.is_usable(now)) {
      usable[count++] = &socket;
    }
  }
  if (count == 0 && server.udp.size() == kMaxUdpSockets) {
    // All of them wait for a server that may be dead. One makes room once no reply can be lost with it; until
    // then a doubtful socket is better than none, a young one better than an old one.
    const auto age = [now](const Socket& socket) { return now - socket.channel->opened_at(); };
    if (age(server.udp.front()) < 2 * kDeadline) {
      const auto old =
          std::ranges::partition_point(server.udp, [&](const Socket& s) { return age(s) > kDeadline; });
      const auto young = static_cast<std::size_t>(server.udp.end() - old);
      const std::size_t from = young == 0 ? 0 : kMaxUdpSockets - young;
      return server.udp[from + random_.below(kMaxUdpSockets - from)].channel;
    }
    server.udp.erase(server.udp.begin());
  }
  if (count < kUdpSocketsInUse && server.udp.size() < kMaxUdpSockets) {
    return server.udp.emplace_back(std::make_shared<UdpChannel>(context_, upstream)).channel;
  }
  return usable[random_.below(count)]->channel;
}

std::shared_ptr<Channel> Transport::tcp_channel(Server& server, const Upstream& upstream,
                                                Clock::time_point now) {
  auto& connections = server.tcp;
  const auto idle = std::ranges::find_if(
      connections, [now](const Connection& connection) { return connection.is_usable(now); });
  if (idle != connections.end()) {
    std::rotate(idle, idle + 1, connections.end());
  } else if (connections.size() < kMaxTcpSockets) {
    if (upstream.tls) {
      connections.push_back({std::make_shared<TlsChannel>(context_, upstream)});
    } else {
      connections.push_back({std::make_shared<CaresChannel>(context_, upstream)});
    }
  } else {
    return nullptr;
  }
  return connections.back().channel;
}

Exchange Transport::send(const Upstream& upstream, Protocol protocol, std::span<std::uint8_t> message,
                         std::size_t question_size, OnEnd on_end) {
  const auto now = Clock::now();
  Server& server = servers_[upstream];
  const auto channel =
      protocol == Protocol::Udp ? udp_channel(server, upstream, now) : tcp_channel(server, upstream, now);
  if (!channel) {
    return {};
  }
  const std::uint16_t id = unused_id(*channel, random_);
  wire::store16(message.data(), id);
  const bool is_reused = channel->sent() != 0;
  channel->send(message, question_size, std::move(on_end));
  channel->note_sent(now);
  context_.counters.upstream_sent.add();
  if (!std::exchange(is_sweeping_, true)) {
    sweep();
  }
  return Exchange(*this, channel, id, is_reused);
}

std::size_t Transport::open_sockets() const {
  std::size_t count = 0;
  for (const auto& [upstream, server] : servers_) {
    count += server.udp.size() + server.tcp.size();
  }
  return count;
}

// Other sockets of the server are closed at the end of their own messages, or swept.
void Transport::on_ended(const Channel& channel, Clock::time_point now) {
  if (channel.protocol() != Protocol::Udp || !takes_messages(channel, now)) {
    close_finished(channel.upstream());
  }
}

void Transport::close_finished(const Upstream& upstream) {
  const auto found = servers_.find(upstream);
  if (found == servers_.end()) {
    return;
  }
  auto& [udp, tcp] = found->second;
  const auto finished = [now = Clock::now()](const auto& socket) { return socket.is_finished(now); };
  std::erase_if(udp, finished);
  std::erase_if(tcp, finished);
  if (const std::size_t max_idle = found->first.max_idle; max_idle != 0) {
    auto idle = static_cast<std::size_t>(std::ranges::count_if(tcp, &Connection::is_idle));
    std::erase_if(tcp, [&](const Connection& connection) {
      if (!connection.is_idle() || idle <= max_idle) {
        return false;
      }
      --idle;
      return true;
    });
  }
  if (udp.empty() && tcp.empty()) {
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
    std::vector<Upstream> upstreams;
    upstreams.reserve(servers_.size());
    for (const auto& [upstream, server] : servers_) {
      upstreams.push_back(upstream);
    }
    std::ranges::for_each(upstreams, [this](const Upstream& upstream) { close_finished(upstream); });
    is_sweeping_ = !servers_.empty();
    if (is_sweeping_) {
      sweep();
    }
  });
}

}  // namespace meshdns::forward
