#include "dns/server/options_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dns/forward/socket_mark.hpp"

namespace meshdns::server {
namespace {

constexpr unsigned kMaxWorkers = 64;

}  // namespace

Result<void> check_options(const ServerOptions& options) {
  if (options.blocks.empty()) {
    return fail(Errc::InvalidConfig, "no server block: nothing to serve");
  }
  if (options.workers < 1 || options.workers > kMaxWorkers) {
    return fail(Errc::InvalidConfig, fmt::format("{} workers, expected 1..{}", options.workers, kMaxWorkers));
  }
  for (const BlockOptions& block : options.blocks) {
    if (block.zones.empty() || block.listen.empty()) {
      return fail(Errc::InvalidConfig, "a server block without zones or listen addresses");
    }
  }
  if (options.admin) {
    for (const SocketAddress& address : options.admin->listen) {
      if (!address.ip.is_loopback()) {
        return fail(Errc::InvalidConfig,
                    fmt::format("admin: {} is no loopback address: the pages tell everything to everybody "
                                "who can reach them",
                                address.to_string()));
      }
    }
  }
  return forward::check_marks(options);
}

std::chrono::milliseconds longest_lameduck(const ServerOptions& options) {
  std::chrono::milliseconds longest{0};
  for (const BlockOptions& block : options.blocks) {
    longest = std::max(longest, block.health ? block.health->lameduck : std::chrono::milliseconds(0));
  }
  return longest;
}

}  // namespace meshdns::server
