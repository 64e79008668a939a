#include "dns/server/listen_sockets.hpp"

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/server/port_owner.hpp"

namespace meshdns::server {
namespace {

constexpr int kPortPicks = 16;
constexpr int kStartRetries = 5;
constexpr std::chrono::milliseconds kRetryPause{200};

Result<SocketPair> open_pair(SocketAddress& address, Share share, const PassedSockets& passed) {
  auto udp = open_socket(SOCK_DGRAM, address, share, passed);
  if (!udp) {
    return std::unexpected(udp.error());
  }
  address = bound_address(udp->fd.get());
  auto tcp = open_socket(SOCK_STREAM, address, share, passed);
  if (!tcp) {
    return std::unexpected(tcp.error());
  }
  return SocketPair{std::move(*udp), std::move(*tcp)};
}

bool is_busy(const Result<ListenSockets>& sockets) {
  return !sockets && sockets.error().code == Errc::AddressInUse;
}

Error with_owner(Error error, const SocketAddress& address) {
  if (error.code == Errc::AddressInUse) {
    if (const auto owner = find_port_owner(address); owner && owner->pid == ::getpid()) {
      error.what += ", by this process";
    } else if (owner) {
      error.what += fmt::format(", by {} (process {})", owner->program, owner->pid);
    }
  }
  return error;
}

}  // namespace

Result<ListenSockets> open_listen_sockets(const SocketAddress& address, unsigned workers,
                                          const PassedSockets& passed) {
  ListenSockets sockets{address, address, {}};
  const Share claim = workers > 1 ? Share::ClaimForOurs : Share::Exclusive;
  auto first = open_pair(sockets.actual, claim, passed);
  // A port that the kernel picked for UDP may be taken for TCP.
  for (int pick = 1; !first && address.port == 0 && pick < kPortPicks; ++pick) {
    sockets.actual = address;
    first = open_pair(sockets.actual, claim, passed);
  }
  if (!first) {
    return std::unexpected(first.error());
  }
  sockets.workers.push_back(std::move(*first));
  while (sockets.workers.size() < workers) {
    auto next = open_pair(sockets.actual, Share::JoinOurs, passed);
    if (!next) {
      return std::unexpected(next.error());
    }
    sockets.workers.push_back(std::move(*next));
  }
  return sockets;
}

Result<std::vector<ListenSockets>> open_missing_sockets(const ServerOptions& options, const Listening& open,
                                                        unsigned workers, const PassedSockets& passed,
                                                        const LogSink& log) {
  std::set<SocketAddress> wanted;
  for (const BlockOptions& block : options.blocks) {
    wanted.insert(block.listen.begin(), block.listen.end());
  }
  std::vector<ListenSockets> opened;
  std::size_t missing = 0;
  int retries = open.empty() ? kStartRetries : 0;  // of all addresses together
  for (const SocketAddress& address : wanted) {
    if (open.contains(address)) {
      continue;
    }
    auto sockets = open_listen_sockets(address, workers, passed);
    for (; is_busy(sockets) && retries > 0; --retries) {
      if (retries == kStartRetries) {
        log(LogLevel::Info, sockets.error().what + "; trying again for a second");
      }
      std::this_thread::sleep_for(kRetryPause);
      sockets = open_listen_sockets(address, workers, passed);
    }
    if (sockets) {
      opened.push_back(std::move(*sockets));
    } else if (sockets.error().code == Errc::Unsupported && ++missing < wanted.size()) {
      log(LogLevel::Warning, sockets.error().what);  // one family of several is missing on this host
    } else {
      return std::unexpected(with_owner(std::move(sockets.error()), address));
    }
  }
  for (const std::string& warning : passed.unused(wanted)) {
    log(LogLevel::Warning, warning);
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
