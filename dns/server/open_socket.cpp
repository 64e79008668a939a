#include "dns/server/open_socket.hpp"

#include <cctype>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/server/socket_address.hpp"

namespace meshdns::server {
namespace {

constexpr int kTcpBacklog = 256;
constexpr int kUdpReceiveBuffer = 4 * 1024 * 1024;  // the kernel caps it at net.core.rmem_max

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

int option_of(int fd, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, option, &value, &size);
  return value;
}

Errc code_of(int error, const SocketAddress& address) {
  switch (error) {
    case EADDRINUSE:
      return Errc::AddressInUse;
    case EACCES:
    case EPERM:
      return Errc::NotPermitted;
    case EAFNOSUPPORT:
      return Errc::Unsupported;
    case EADDRNOTAVAIL:  // what ::1 gives where IPv6 is switched off; any other address is simply wrong
      return address.ip.is_v6 && address.ip.is_loopback() ? Errc::Unsupported : Errc::CannotListen;
    default:
      return Errc::CannotListen;
  }
}

std::unexpected<Error> listen_error(const char* protocol, const SocketAddress& address, int error) {
  std::string reason = std::generic_category().message(error);
  reason[0] = static_cast<char>(std::tolower(reason[0]));
  return fail(code_of(error, address),
              fmt::format("listen {} {}: {}", protocol, address.to_string(), reason));
}

void report_destinations(int udp, const SocketAddress& address) {
  if (address.ip.is_unspecified()) {
    set_option(udp, address.ip.is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
               address.ip.is_v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
  }
}

Result<base::UniqueFd> open_bound(int socket_type, const SocketAddress& address, Share share) {
  const bool is_udp = socket_type == SOCK_DGRAM;
  const char* protocol = protocol_of(socket_type);
  base::UniqueFd fd(
      ::socket(address.ip.is_v6 ? AF_INET6 : AF_INET, socket_type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) {
    return listen_error(protocol, address, errno);
  }
  if (address.ip.is_v6) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  }
  if (is_udp) {
    set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kUdpReceiveBuffer);
    report_destinations(fd.get(), address);
  } else {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR,
               1);  // connections of a former process may linger in TIME_WAIT
  }
  if (share == Share::JoinOurs) {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  }
  const KernelAddress kernel = to_kernel(address);
  if (::bind(fd.get(), kernel.get(), kernel.size) != 0) {
    return listen_error(protocol, address, errno);
  }
  if (share == Share::ClaimForOurs) {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (!is_udp && ::listen(fd.get(), kTcpBacklog) != 0) {
    return listen_error(protocol, address, errno);
  }
  return fd;
}

// Whoever passed it may have been granted more than net.core.rmem_max, which asking again would take away.
void grow_receive_buffer(int udp) {
  const base::UniqueFd probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  set_option(probe.get(), SOL_SOCKET, SO_RCVBUF, kUdpReceiveBuffer);
  if (option_of(udp, SOL_SOCKET, SO_RCVBUF) < option_of(probe.get(), SOL_SOCKET, SO_RCVBUF)) {
    set_option(udp, SOL_SOCKET, SO_RCVBUF, kUdpReceiveBuffer);
  }
}

// One more descriptor of a socket that was passed, with the options that one of ours has.
Result<base::UniqueFd> open_passed(int passed, int socket_type, const SocketAddress& address) {
  base::UniqueFd fd(::fcntl(passed, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!fd.is_open()) {
    return listen_error(protocol_of(socket_type), address, errno);
  }
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  if (address.ip.is_v6 && address.ip.is_unspecified() &&
      option_of(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY) == 0) {
    return fail(
        Errc::CannotListen,
        fmt::format("listen {} {}: the passed socket takes IPv4 as well; IPV6_V6ONLY must be set on it "
                    "(systemd: BindIPv6Only=ipv6-only)",
                    protocol_of(socket_type), address.to_string()));
  }
  if (socket_type == SOCK_DGRAM) {
    grow_receive_buffer(fd.get());
    report_destinations(fd.get(), address);
  } else if (::listen(fd.get(), kTcpBacklog) != 0) {
    return listen_error(protocol_of(socket_type), address, errno);
  }
  return fd;
}

}  // namespace

Result<ListenSocket> open_socket(int socket_type, const SocketAddress& address, Share share,
                                 const PassedSockets& passed) {
  const int given = passed.find(socket_type, address);
  auto fd = given >= 0 ? open_passed(given, socket_type, address) : open_bound(socket_type, address, share);
  if (!fd) {
    return std::unexpected(std::move(fd.error()));
  }
  return ListenSocket{std::move(*fd), given >= 0};
}

SocketAddress bound_address(int fd) {
  KernelAddress kernel;
  ::getsockname(fd, kernel.get(), &kernel.size);
  return from_kernel(kernel.storage);
}

}  // namespace meshdns::server
