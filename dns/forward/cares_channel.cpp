#include "dns/forward/cares_channel.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <ares.h>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "dns/forward/socket_mark.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

// One readiness event may read this many pieces before others get their turn.
constexpr int kReadBudget = 64;

constexpr int kNoTimeoutOfItsOwn = 3'600'000;  // ms; the owner's deadline is what counts

socklen_t fill(sockaddr_storage& storage, const SocketAddress& address) {
  std::memset(&storage, 0, sizeof storage);
  if (address.ip.is_v6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    v6.sin6_scope_id = address.scope;
    std::memcpy(&v6.sin6_addr, address.ip.octets.data(), 16);
    return sizeof v6;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(address.port);
  std::memcpy(&v4.sin_addr, address.ip.octets.data(), 4);
  return sizeof v4;
}

bool bind_to(int fd, const IpAddress& source) {
  sockaddr_storage address;
  const socklen_t size = fill(address, {.ip = source});
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0;
}

}  // namespace

// c-ares is C: nothing may be thrown through it.
struct CaresChannel::Hooks {
  static CaresChannel& self(void* data) { return *static_cast<CaresChannel*>(data); }

  static int open_socket(int family, int type, int protocol, void* data) noexcept {
    const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0) {
      self(data).last_error_ = errno;
      return fd;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const Upstream& upstream = self(data).upstream_;
    if (!mark_socket(fd, upstream.mark) || (upstream.source && !bind_to(fd, *upstream.source))) {
      self(data).last_error_ = errno;
      ::close(fd);
      return -1;
    }
    return fd;
  }

  static int close_socket(int fd, void*) noexcept { return ::close(fd); }

  // c-ares 1.18 has no scope in its list of servers; the address that it passes is ours without the scope.
  static int connect_socket(int fd, const sockaddr*, ares_socklen_t, void* data) noexcept {
    sockaddr_storage address;
    const socklen_t size = fill(address, self(data).upstream_.address);
    const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), size);
    if (result != 0) {
      self(data).last_error_ = errno;
    }
    return result;
  }

  static ares_ssize_t receive(int fd, void* out, std::size_t room, int, sockaddr*, ares_socklen_t*,
                              void* data) noexcept {
    return self(data).receive(fd, out, room);
  }

  static ares_ssize_t send(int fd, const iovec* pieces, int count, void* data) noexcept {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces);
    message.msg_iovlen = static_cast<std::size_t>(count);
    const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      self(data).last_error_ = errno;
    }
    return sent;
  }

  static void socket_state(void* data, int fd, int readable, int writable) noexcept {
    CaresChannel& channel = self(data);
    if (readable == 0 && writable == 0) {
      channel.is_broken_ = true;
      if (channel.socket_.is_open()) {
        static_cast<void>(channel.socket_.release());  // c-ares closes it
      }
      return;
    }
    if (!channel.socket_.is_open()) {
      boost::system::error_code failed;
      channel.socket_.assign(fd, failed);
      if (failed) {
        channel.is_broken_ = true;
        return;
      }
    }
    channel.wants_to_write_ = writable != 0;
    channel.watch(false);
    if (channel.wants_to_write_) {
      channel.watch(true);
    }
  }

  static void ended(void* data, int status, int, unsigned char* reply, int size) noexcept {
    if (status == ARES_EDESTRUCTION) {
      return;
    }
    const Message& message = *static_cast<const Message*>(data);
    CaresChannel& channel = message.channel;
    const bool has_reply = status == ARES_SUCCESS;
    if (has_reply) {
      channel.reply_size_ = static_cast<std::size_t>(size);
      std::memcpy(channel.context_.buffer.span().data(), reply, channel.reply_size_);
    }
    channel.completed_.push_back({wire::load16(message.bytes.data()), has_reply});
  }
};

CaresChannel::Message::Message(CaresChannel& owner, std::span<const std::uint8_t> message, OnEnd callback)
    : channel(owner), bytes(message.begin(), message.end()), on_end(std::move(callback)) {
  channel.context_.loops.sent(bytes);
}

CaresChannel::Message::~Message() {
  channel.context_.loops.finished(bytes);
}

CaresChannel::CaresChannel(ChannelContext& context, const Upstream& upstream)
    : Channel(upstream, Protocol::Tcp), context_(context), socket_(context.loop) {
  open();
}

CaresChannel::~CaresChannel() {
  if (ares_ != nullptr) {
    ares_destroy(ares_);
  }
}

void CaresChannel::open() {
  static const int initialised = ares_library_init(ARES_LIB_INIT_ALL);
  // Everything is given, so that c-ares looks neither into resolv.conf nor into the environment.
  char lookups[] = "b";
  ares_options options{};
  options.flags =
      ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN | ARES_FLAG_USEVC;
  options.timeout = kNoTimeoutOfItsOwn;
  options.tries = 1;
  options.ndots = 1;
  options.lookups = lookups;
  options.sock_state_cb = &Hooks::socket_state;
  options.sock_state_cb_data = this;
  const int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_LOOKUPS |
                    ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST | ARES_OPT_NOROTATE |
                    ARES_OPT_SOCK_STATE_CB;
  ares_addr_port_node server{};
  const SocketAddress& address = upstream_.address;
  server.family = address.ip.is_v6 ? AF_INET6 : AF_INET;
  std::memcpy(&server.addr, address.ip.octets.data(), address.ip.bytes().size());
  server.udp_port = server.tcp_port = address.port;
  if (initialised != ARES_SUCCESS || ares_init_options(&ares_, &options, given) != ARES_SUCCESS) {
    ares_ = nullptr;
  } else if (ares_set_servers_ports(ares_, &server) != ARES_SUCCESS) {
    ares_destroy(std::exchange(ares_, nullptr));
  }
  if (ares_ == nullptr) {
    is_broken_ = true;
    last_error_ = ENOMEM;
    return;
  }
  static const ares_socket_functions functions{&Hooks::open_socket, &Hooks::close_socket,
                                               &Hooks::connect_socket, &Hooks::receive, &Hooks::send};
  ares_set_socket_functions(ares_, &functions, this);
}

void CaresChannel::send(std::span<const std::uint8_t> message, std::size_t, OnEnd on_end) {
  const std::uint16_t id = wire::load16(message.data());
  const auto [place, is_new] = on_their_way_.try_emplace(id, *this, message, std::move(on_end));
  Message& kept = place->second;
  if (!is_broken_) {
    ares_send(ares_, kept.bytes.data(), static_cast<int>(kept.bytes.size()), &Hooks::ended, &kept);
  }
  if (is_broken_ && completed_.empty()) {
    completed_.push_back({id, false});
  }
  if (!completed_.empty()) {
    boost::asio::post(context_.loop, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->deliver();
      }
    });
  }
}

bool CaresChannel::forget(std::uint16_t id) {
  return forget_in(on_their_way_, id);
}

void CaresChannel::watch(bool for_write) {
  bool& is_watching = for_write ? is_writing_ : is_reading_;
  if (std::exchange(is_watching, true)) {
    return;
  }
  const auto what = for_write ? socket_.wait_write : socket_.wait_read;
  socket_.async_wait(what, [weak = weak_from_this(), for_write](const boost::system::error_code& failed) {
    const auto self = weak.lock();
    if (!self) {
      return;
    }
    (for_write ? self->is_writing_ : self->is_reading_) = false;
    if (!failed && !self->is_broken_) {
      self->process(for_write);
    }
  });
}

void CaresChannel::process(bool writable) {
  const int fd = socket_.native_handle();
  if (writable) {
    ares_process_fd(ares_, ARES_SOCKET_BAD, fd);
    deliver();
    if (wants_to_write_ && !is_broken_) {
      watch(true);
    }
    return;
  }
  int budget = kReadBudget;
  do {
    made_progress_ = false;
    ares_process_fd(ares_, fd, ARES_SOCKET_BAD);
    deliver();
  } while (made_progress_ && !is_broken_ && --budget > 0);
  if (!is_broken_) {
    watch(false);
  }
}

void CaresChannel::deliver() {
  for (const Completed& done : std::exchange(completed_, {})) {
    const auto found = on_their_way_.find(done.id);
    OnEnd on_end = std::move(found->second.on_end);
    on_their_way_.erase(found);
    if (on_end) {
      --awaited_;
    }
    last_used_at_ = Clock::now();
    const bool is_stale = has_answered_ && !done.has_reply;
    has_answered_ |= done.has_reply;
    context_.on_message_ended(*this, done.has_reply);
    if (on_end && done.has_reply) {
      on_end({.reply = context_.buffer.span().first(reply_size_)});
    } else if (on_end) {
      on_end({.error = last_error_ != 0 ? last_error_ : ECONNRESET, .is_stale = is_stale});
    }
  }
}

std::ptrdiff_t CaresChannel::receive(int fd, void* out, std::size_t room) {
  const ssize_t received = ::recv(fd, out, room, 0);
  if (received > 0) {
    made_progress_ = true;
  } else if (received == 0) {
    last_error_ = ECONNRESET;
  } else if (errno != EAGAIN) {
    last_error_ = errno;
  }
  return received;
}

}  // namespace meshdns::forward
