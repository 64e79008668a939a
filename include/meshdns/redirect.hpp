// Steering port 53 of this host to meshdns: what `meshdns-redirect` does, as calls.
//
// Needs CAP_NET_ADMIN in the network namespace of the caller. Not thread-safe; one call at a time per host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

namespace meshdns {

struct RedirectSpec {
  // User whose traffic is never redirected: the one that meshdns and kuma-dp run as.
  std::uint32_t exempt_uid = 5678;
  // Port on loopback that takes the queries. 1..65535.
  std::uint16_t dns_port = 15053;
  // Redirect every packet to port 53, not only those to `resolvers`.
  bool all_dns_traffic = false;
  // The name servers that applications use, normally those of /etc/resolv.conf.
  std::vector<IpAddress> resolvers;
  bool ipv6 = true;  // false: leave IPv6 alone (`--ip-family-mode ipv4`)
};

// Puts the rules in force in one transaction, replacing what an earlier call left. On failure the host is as
// it was. Errors: InvalidConfig, NotPermitted, Unsupported, Internal.
Result<void> install_redirect(const RedirectSpec& spec);

// Removes exactly what install_redirect() made; succeeds when there is nothing.
Result<void> uninstall_redirect();

struct RedirectStatus {
  bool installed = false;
  std::string rules;  // as the kernel lists them, with counters; empty when not installed
};

Result<RedirectStatus> redirect_status();

}  // namespace meshdns
