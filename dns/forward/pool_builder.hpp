// PoolBuilder: finds the upstreams of the directives of one plan.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/forward/forward_plan.hpp"
#include "dns/forward/own_addresses.hpp"
#include "dns/forward/resolv_conf.hpp"

namespace meshdns::forward {

class PoolBuilder {
 public:
  PoolBuilder(std::span<const SocketAddress> listening, std::vector<std::string>& warnings)
      : own_(listening), warnings_(warnings) {}

  // `directive` is its name, `for_whom` what fails without any upstream.
  Result<Pool> build(ForwardOptions options, std::string_view directive, std::string_view for_whom);


 private:
  using Addresses = std::vector<SocketAddress>;

  Result<void> add(const UpstreamSource& source, Pool& pool);
  Result<void> add_host(const UpstreamHost& host, Pool& pool);
  Result<void> add_tls(const TlsUpstream& upstream, Pool& pool);
  void add_address(const SocketAddress& address, const ResolvConfOptions& file, Pool& pool);
  static void follow(const ResolvConfOptions& file, Pool& pool);
  Result<ResolvConfServers> servers_of(const std::string& path);
  bool can_be_asked(const SocketAddress& address, const ForwardOptions& options);
  void warn(const OptionLocation& where, std::string_view text);

  OwnAddresses own_;
  std::vector<std::string>& warnings_;
  std::shared_ptr<const TlsContext> tls_;  // of the directive being read; null: not needed yet
};

}  // namespace meshdns::forward
