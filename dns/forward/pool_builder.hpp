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
  // `buckets_before` are those of the plan that this one replaces.
  PoolBuilder(std::span<const SocketAddress> listening, Buckets buckets_before,
              std::vector<std::string>& warnings)
      : own_(listening), warnings_(warnings), buckets_before_(std::move(buckets_before)) {}

  // `directive` is its name, `for_whom` what fails without any upstream.
  Result<Pool> build(ForwardOptions options, std::string_view directive, std::string_view for_whom);

  const Buckets& buckets() const { return buckets_; }  // of what was built

 private:
  using Addresses = std::vector<SocketAddress>;

  Result<void> add(const UpstreamSource& source, Pool& pool);
  Result<void> add_host(const UpstreamHost& host, Pool& pool);
  Result<void> add_tls(const TlsUpstream& upstream, Pool& pool);
  void add_address(const SocketAddress& address, const ResolvConfOptions& file, Pool& pool);
  static void follow(const ResolvConfOptions& file, Pool& pool);
  Result<ResolvConfServers> servers_of(const std::string& path);
  std::shared_ptr<TokenBucket> bucket_of(const SocketAddress& address, const RateLimit& rate);
  bool can_be_asked(const SocketAddress& address, const ForwardOptions& options);
  void warn(const OptionLocation& where, std::string_view text);

  OwnAddresses own_;
  std::vector<std::string>& warnings_;
  const Buckets buckets_before_;
  Buckets buckets_;
  std::shared_ptr<const TlsContext> tls_;  // of the directive being read; null: not needed yet
};

}  // namespace meshdns::forward
