#include "dns/forward/forward_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/base/unique_fd.hpp"
#include "dns/forward/resolv_conf.hpp"

namespace meshdns::forward {

namespace {

std::vector<IpAddress> local_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) {
    return {};
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    IpAddress ip;
    if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == AF_INET) {
      std::memcpy(ip.octets.data(), &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr, 4);
    } else if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == AF_INET6) {
      ip.is_v6 = true;
      std::memcpy(ip.octets.data(), &reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr, 16);
    } else {
      continue;
    }
    addresses.push_back(ip);
  }
  return addresses;
}

class OwnAddresses {
 public:
  explicit OwnAddresses(std::span<const SocketAddress> listening)
      : listening_(listening), local_(local_addresses()) {}

  bool contain(const SocketAddress& upstream) const {
    return std::ranges::any_of(listening_, [&](const SocketAddress& own) {
      if (own.port != upstream.port || own.ip.is_v6 != upstream.ip.is_v6) {
        return false;
      }
      // Linux takes a packet to the unspecified address as one to loopback.
      const bool loopback = upstream.ip.is_loopback() || upstream.ip.is_unspecified();
      if (own.ip.is_unspecified()) {
        return loopback || std::ranges::find(local_, upstream.ip) != local_.end();
      }
      if (upstream.ip.is_unspecified()) {
        return own.ip.is_loopback();
      }
      return own.ip == upstream.ip && (own.scope == upstream.scope || own.scope == 0 || upstream.scope == 0);
    });
  }

 private:
  std::span<const SocketAddress> listening_;
  std::vector<IpAddress> local_;
};

Result<std::string> read_file(const std::string& path) {
  // Far more than fifteen lines; what is longer is no resolv.conf.
  std::string text(64 * 1024, '\0');
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const ssize_t size = fd.is_open() ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (size < 0) {
    return fail(Errc::FileUnreadable, fmt::format("{}: {}, expected a readable resolv.conf file", path,
                                                  std::generic_category().message(errno)));
  }
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string place(const OptionLocation& where) {
  return where.file.empty() ? std::string() : fmt::format("{}:{}: ", where.file, where.line);
}

Result<void> add_upstreams(const UpstreamSource& source, Pool& pool, std::vector<std::string>& warnings) {
  if (const auto* address = std::get_if<SocketAddress>(&source)) {
    pool.upstreams.push_back(*address);
    return {};
  }
  const std::string& path = std::get<ResolvConf>(source).path;
  const auto text = read_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  ResolvConfServers listed = parse_resolv_conf(*text, path);
  std::ranges::move(listed.warnings, std::back_inserter(warnings));
  if (listed.servers.empty()) {
    return fail(Errc::InvalidConfig,
                fmt::format("{}:1:1: no nameservers found, expected a line 'nameserver ADDRESS'", path));
  }
  pool.upstreams.insert(pool.upstreams.end(), listed.servers.begin(), listed.servers.end());
  return {};
}

}  // namespace

Result<ForwardPlan> make_forward_plan(const ServerOptions& options,
                                      std::span<const SocketAddress> listening) {
  const OwnAddresses own(listening);
  ForwardPlan plan;
  for (const BlockOptions& block : options.blocks) {
    plan.first_pool_of_block.push_back(plan.pools.size());
    for (const ForwardOptions& directive : block.forward) {
      Pool pool{.policy = directive.policy, .upstreams = {}};
      for (const UpstreamSource& source : directive.to) {
        if (auto added = add_upstreams(source, pool, plan.warnings); !added) {
          return std::unexpected(added.error());
        }
      }
      std::erase_if(pool.upstreams, [&](const SocketAddress& upstream) {
        if (!own.contain(upstream)) {
          return false;
        }
        plan.warnings.push_back(fmt::format("{}upstream {} skipped: this server listens there itself",
                                            place(directive.where), upstream.to_string()));
        return true;
      });
      if (pool.upstreams.empty()) {
        plan.warnings.push_back(fmt::format("{}no upstream left for '{}': its queries are answered SERVFAIL",
                                            place(directive.where), directive.from.to_string()));
      }
      plan.pools.push_back(std::move(pool));
    }
  }
  return plan;
}

}  // namespace meshdns::forward
