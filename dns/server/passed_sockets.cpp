#include "dns/server/passed_sockets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include "dns/server/socket_address.hpp"

namespace meshdns::server {
namespace {

// None: nothing that DNS could come from.
std::optional<std::pair<int, SocketAddress>> type_and_address(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  KernelAddress kernel;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      ::getsockname(fd, kernel.get(), &kernel.size) != 0) {
    return {};
  }
  const bool is_ip = kernel.storage.ss_family == AF_INET || kernel.storage.ss_family == AF_INET6;
  if (!is_ip || (type != SOCK_DGRAM && type != SOCK_STREAM)) {
    return {};
  }
  const SocketAddress address = from_kernel(kernel.storage);
  return address.port == 0 ? std::nullopt : std::optional(std::pair(type, address));
}

}  // namespace

Result<void> PassedSockets::take(const std::vector<int>& descriptors, std::vector<std::string>& warnings) {
  Result<void> done;
  for (const int descriptor : descriptors) {
    base::UniqueFd fd(descriptor);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    const auto key = type_and_address(descriptor);
    if (!key) {
      warnings.push_back(fmt::format(
          "passed descriptor {} is no UDP or TCP socket with an address and is not used", descriptor));
    } else if (!sockets_.emplace(*key, std::move(fd)).second && done) {
      done = fail(Errc::InvalidConfig,
                  fmt::format("two sockets were passed for {} {}: pass one, workers share it",
                              protocol_of(key->first), key->second.to_string()));
    }
  }
  return done;
}

int PassedSockets::find(int type, const SocketAddress& address) const {
  const auto found = sockets_.find({type, address});
  return found == sockets_.end() ? -1 : found->second.get();
}

std::vector<std::string> PassedSockets::unused(const std::set<SocketAddress>& wanted) const {
  std::vector<std::string> warnings;
  for (const auto& [key, fd] : sockets_) {
    const auto& [type, address] = key;
    if (!wanted.contains(address)) {
      warnings.push_back(
          fmt::format("no server block listens on the passed socket {} {}: nobody answers there",
                      protocol_of(type), address.to_string()));
    }
  }
  return warnings;
}

}  // namespace meshdns::server
