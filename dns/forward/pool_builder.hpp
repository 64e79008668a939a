// PoolBuilder: finds the upstreams of the directives of one plan.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/forward/forward_plan.hpp"
#include "dns/forward/own_addresses.hpp"

namespace meshdns::forward {

class PoolBuilder {
 public:
  PoolBuilder(std::span<const SocketAddress> listening, std::vector<std::string>& warnings)
      : own_(listening), warnings_(warnings) {}

  // `directive` is its name, `for_whom` what fails without any upstream.
  Result<Pool> build(ForwardOptions options, std::string_view directive, std::string_view for_whom);

 private:
  using Addresses = std::vector<SocketAddress>;

  Result<void> add(const UpstreamSource& source, const ForwardOptions& options, Addresses& found);
  Result<void> add_host(const UpstreamHost& host, const ForwardOptions& options, Addresses& found);
  Result<Addresses> servers_of(const std::string& path);
  bool can_be_asked(const SocketAddress& address, const ForwardOptions& options);
  void warn(const OptionLocation& where, std::string_view text);

  OwnAddresses own_;
  std::vector<std::string>& warnings_;
};

}  // namespace meshdns::forward
