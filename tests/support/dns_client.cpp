#include "tests/support/dns_client.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "dns/server/socket_address.hpp"

namespace meshdns::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

base::UniqueFd open_socket(const SocketAddress& server, int type) {
  base::UniqueFd fd(::socket(server.ip.is_v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) {
    throw std::system_error(errno, std::generic_category(), "socket");
  }
  return fd;
}

bool wait_for(int fd, short events, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
  pollfd waiting{fd, events, 0};
  return ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) > 0;
}

}  // namespace

UdpClient::UdpClient(const SocketAddress& server, bool connected)
    : server_(server), fd_(open_socket(server, SOCK_DGRAM)), connected_(connected) {
  const int buffer = 4 * 1024 * 1024;
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  const server::KernelAddress kernel = server::to_kernel(server);
  if (connected && ::connect(fd_.get(), kernel.get(), kernel.size) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
}

bool UdpClient::send(std::span<const std::uint8_t> datagram) {
  const server::KernelAddress kernel = server::to_kernel(server_);
  const ssize_t sent = ::sendto(fd_.get(), datagram.data(), datagram.size(), 0,
                                connected_ ? nullptr : kernel.get(), connected_ ? 0 : kernel.size);
  refused_ |= sent < 0 && errno == ECONNREFUSED;
  return sent == static_cast<ssize_t>(datagram.size());
}

std::optional<Octets> UdpClient::receive(milliseconds limit) {
  if (!wait_for(fd_.get(), POLLIN, Clock::now() + limit)) {
    return std::nullopt;
  }
  Octets datagram(65536);
  server::KernelAddress from;
  const ssize_t size = ::recvfrom(fd_.get(), datagram.data(), datagram.size(), 0, from.get(), &from.size);
  if (size < 0) {
    refused_ |= errno == ECONNREFUSED;
    return std::nullopt;
  }
  sender_ = server::from_kernel(from.storage);
  datagram.resize(static_cast<std::size_t>(size));
  return datagram;
}

std::optional<Reply> UdpClient::ask(const QuerySpec& query, milliseconds limit) {
  if (!send(make_query(query))) {
    return std::nullopt;
  }
  const auto reply = receive(limit);
  return reply ? read_reply(*reply) : std::nullopt;
}

TcpClient::TcpClient(const SocketAddress& server, std::optional<int> receive_buffer)
    : fd_(open_socket(server, SOCK_STREAM)) {
  if (receive_buffer) {
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &*receive_buffer, sizeof *receive_buffer);
  }
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const server::KernelAddress kernel = server::to_kernel(server);
  if (::connect(fd_.get(), kernel.get(), kernel.size) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
}

Octets TcpClient::framed(std::span<const std::uint8_t> message) {
  Octets octets{static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size())};
  octets.insert(octets.end(), message.begin(), message.end());
  return octets;
}

bool TcpClient::send_octets(std::span<const std::uint8_t> octets, milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!octets.empty()) {
    const ssize_t sent = ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      octets = octets.subspan(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN || !wait_for(fd_.get(), POLLOUT, deadline)) {
      return false;
    }
  }
  return true;
}

bool TcpClient::read_some(Clock::time_point deadline) {
  if (ended_ || !wait_for(fd_.get(), POLLIN, deadline)) {
    return false;
  }
  const std::size_t before = received_.size();
  received_.resize(before + 65536);
  const ssize_t size = ::recv(fd_.get(), received_.data() + before, 65536, 0);
  received_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  ended_ = size <= 0;
  return !ended_;
}

std::optional<Octets> TcpClient::receive(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  for (;;) {
    if (received_.size() >= 2) {
      const std::size_t size = static_cast<std::size_t>(received_[0] << 8 | received_[1]);
      if (received_.size() >= 2 + size) {
        const auto begin = received_.begin() + 2;
        const auto end = begin + static_cast<std::ptrdiff_t>(size);
        Octets message(begin, end);
        received_.erase(received_.begin(), end);
        return message;
      }
    }
    if (!read_some(deadline)) {
      return std::nullopt;
    }
  }
}

std::optional<Reply> TcpClient::ask(const QuerySpec& query, milliseconds limit) {
  if (!send(make_query(query))) {
    return std::nullopt;
  }
  const auto reply = receive(limit);
  return reply ? read_reply(*reply) : std::nullopt;
}

bool TcpClient::ends_within(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (read_some(deadline)) {
    received_.clear();
  }
  return ended_;
}

void TcpClient::half_close() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void TcpClient::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
}

std::optional<Reply> ask_udp(const SocketAddress& server, const QuerySpec& query, milliseconds limit) {
  return UdpClient(server).ask(query, limit);
}

std::optional<Reply> ask_tcp(const SocketAddress& server, const QuerySpec& query, milliseconds limit) {
  return TcpClient(server).ask(query, limit);
}

}  // namespace meshdns::test
