#include "dns/server/listen_sockets.hpp"

#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "dns/server/socket_address.hpp"

namespace meshdns::server {
namespace {

constexpr int kTcpBacklog = 256;
constexpr int kUdpReceiveBuffer = 4 * 1024 * 1024;  // the kernel caps it at net.core.rmem_max
constexpr int kPortPicks = 16;

enum class Share : std::uint8_t {
  Exclusive,     // nobody else may have the address
  ClaimForOurs,  // the same, but once it is claimed our other workers may join
  JoinOurs,
};

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
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

Result<base::UniqueFd> open_bound(int socket_type, const SocketAddress& address, Share share) {
  const bool is_udp = socket_type == SOCK_DGRAM;
  const char* protocol = is_udp ? "udp" : "tcp";
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
    if (address.ip.is_unspecified()) {
      set_option(fd.get(), address.ip.is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
                 address.ip.is_v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
    }
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

SocketAddress bound_address(int fd) {
  KernelAddress kernel;
  ::getsockname(fd, kernel.get(), &kernel.size);
  return from_kernel(kernel.storage);
}

Result<SocketPair> open_pair(SocketAddress& address, Share share) {
  auto udp = open_bound(SOCK_DGRAM, address, share);
  if (!udp) {
    return std::unexpected(udp.error());
  }
  address = bound_address(udp->get());
  auto tcp = open_bound(SOCK_STREAM, address, share);
  if (!tcp) {
    return std::unexpected(tcp.error());
  }
  return SocketPair{std::move(*udp), std::move(*tcp)};
}

}  // namespace

Result<ListenSockets> open_listen_sockets(const SocketAddress& address, unsigned workers) {
  ListenSockets sockets{address, address, {}};
  const Share claim = workers > 1 ? Share::ClaimForOurs : Share::Exclusive;
  auto first = open_pair(sockets.actual, claim);
  // A port that the kernel picked for UDP may be taken for TCP.
  for (int pick = 1; !first && address.port == 0 && pick < kPortPicks; ++pick) {
    sockets.actual = address;
    first = open_pair(sockets.actual, claim);
  }
  if (!first) {
    return std::unexpected(first.error());
  }
  sockets.workers.push_back(std::move(*first));
  while (sockets.workers.size() < workers) {
    auto next = open_pair(sockets.actual, Share::JoinOurs);
    if (!next) {
      return std::unexpected(next.error());
    }
    sockets.workers.push_back(std::move(*next));
  }
  return sockets;
}

Result<std::vector<ListenSockets>> open_missing_sockets(const ServerOptions& options, const Listening& open,
                                                        unsigned workers,
                                                        std::vector<std::string>& warnings) {
  std::set<SocketAddress> wanted;
  for (const BlockOptions& block : options.blocks) {
    wanted.insert(block.listen.begin(), block.listen.end());
  }
  std::vector<ListenSockets> opened;
  std::size_t missing = 0;
  for (const SocketAddress& address : wanted) {
    if (open.contains(address)) {
      continue;
    }
    auto sockets = open_listen_sockets(address, workers);
    if (sockets) {
      opened.push_back(std::move(*sockets));
    } else if (sockets.error().code == Errc::Unsupported && ++missing < wanted.size()) {
      warnings.push_back(sockets.error().what);  // one family of several is missing on this host
    } else {
      return std::unexpected(std::move(sockets.error()));
    }
  }
  return opened;
}

Listening listening_with(const ServerOptions& options, const Listening& open,
                         const std::vector<ListenSockets>& opened) {
  Listening listening;
  for (const BlockOptions& block : options.blocks) {
    for (const SocketAddress& address : block.listen) {
      if (const auto found = open.find(address); found != open.end()) {
        listening.insert(*found);
      }
    }
  }
  for (const ListenSockets& sockets : opened) {
    listening[sockets.configured] = sockets.actual;
  }
  return listening;
}

std::vector<SocketAddress> actual_addresses(const Listening& listening) {
  std::vector<SocketAddress> addresses;
  for (const auto& [configured, actual] : listening) {
    addresses.push_back(actual);
  }
  return addresses;
}

}  // namespace meshdns::server
