#include "dns/server/options_check.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "dns/admin/http_tls.hpp"
#include "dns/forward/socket_mark.hpp"

namespace meshdns::server {
namespace {

constexpr unsigned kMaxWorkers = 64;

using TlsOfAddress = std::map<SocketAddress, std::optional<HttpTlsOptions>>;

Result<void> note_tls(TlsOfAddress& known, const std::vector<SocketAddress>& listen,
                      const std::optional<HttpTlsOptions>& tls) {
  for (const SocketAddress& address : listen) {
    if (known.try_emplace(address, tls).first->second != tls) {
      return fail(Errc::InvalidConfig, fmt::format("http {}: not everything that shares this address has the "
                                                   "same tls",
                                                   address.to_string()));
    }
  }
  return {};
}

// Of all that is offered over HTTP.
Result<void> check_tls(const ServerOptions& options) {
  TlsOfAddress known;
  Result<void> done;
  for (const BlockOptions& block : options.blocks) {
    if (done && block.prometheus) {
      done = note_tls(known, block.prometheus->listen, block.prometheus->tls);
    }
    if (done && block.health) {
      done = note_tls(known, block.health->listen, {});
    }
    if (done && block.ready) {
      done = note_tls(known, block.ready->listen, {});
    }
  }
  for (const BlockOptions& block : options.blocks) {
    if (done && block.prometheus && block.prometheus->tls) {
      done = admin::check_http_tls(*block.prometheus->tls);
    }
  }
  return done;
}

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
  if (auto checked = check_tls(options); !checked) {
    return checked;
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
