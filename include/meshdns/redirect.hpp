// Steering the traffic of this host to the mesh: what `meshdns-redirect` does, as calls.
//
// Needs CAP_NET_ADMIN in the network namespace of the caller. Not thread-safe; one call at a time per host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

namespace meshdns {

// An address, or with a prefix all addresses that share it. Bits behind the prefix are of no importance.
struct IpNetwork {
  IpAddress address;
  std::optional<std::uint8_t> prefix;

  // `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`
  static std::optional<IpNetwork> parse(std::string_view text);
  std::string to_string() const;  // as it was written

  bool operator==(const IpNetwork&) const = default;
};

// 1..65535, both ends included.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  bool operator==(const PortRange&) const = default;
};

struct UidRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  bool operator==(const UidRange&) const = default;
};

// What some users send to some ports, left alone.
struct UidExclusion {
  bool tcp = true;
  bool udp = true;
  std::vector<PortRange> ports;  // never empty; every port is 1-65535
  UidRange uids;

  bool operator==(const UidExclusion&) const = default;
};

// A network of containers or virtual machines behind this host, whose traffic takes part in the mesh.
struct VirtualNetwork {
  std::string interface;  // `docker0`; with a `+` at its end every interface whose name starts so
  IpNetwork network;

  bool operator==(const VirtualNetwork&) const = default;
};

// The defaults are those of `kumactl install transparent-proxy`: TCP in both directions, no DNS.
struct RedirectSpec {
  enum class Backend : std::uint8_t { Auto, Nftables, Iptables };

  struct Dns {
    bool enabled = false;
    bool all_traffic = false;  // every packet to port 53, not only those to `resolvers`
    bool tcp = true;           // false: DNS over TCP goes to the real resolver
    bool split_zones = true;   // keep the two legs of a query apart in conntrack
    std::uint16_t port = 15053;
    std::vector<IpAddress> resolvers;  // the servers that applications use, normally those of resolv.conf
  };

  struct Direction {
    bool enabled = true;
    std::uint16_t port = 0;
    std::vector<std::uint16_t> include_ports;  // not empty: these ports only, exclude_ports has no say
    std::vector<std::uint16_t> exclude_ports;
    std::vector<IpNetwork> exclude_networks;  // inbound: of the sender; outbound: of the destination
    std::vector<UidExclusion> exclude_uids;   // outbound only
    bool insert_first = false;                // before the NAT rules of others instead of after them
  };

  Backend backend = Backend::Auto;
  // User whose traffic is never redirected: the one that meshdns, kuma-dp and Envoy run as.
  std::uint32_t exempt_uid = 5678;
  bool ipv6 = true;  // false: leave IPv6 alone (`--ip-family-mode ipv4`)
  Dns dns;
  Direction inbound{.port = 15006};
  Direction outbound{.port = 15001};
  std::vector<VirtualNetwork> virtual_networks;
  bool drop_invalid = false;
  std::optional<std::uint8_t> log_level;  // 0..7, as syslog(2)
  bool comments = true;                   // iptables only; nftables rules are known by theirs
};

// Puts the rules in force, replacing what an earlier call or kumactl left. On failure the host is as it was.
// Errors: InvalidConfig, NotPermitted, Unsupported, Internal.
Result<void> install_redirect(const RedirectSpec& spec);

// Removes exactly what install_redirect() made; succeeds when there is nothing.
Result<void> uninstall_redirect();

struct RedirectStatus {
  bool installed = false;
  std::string backend;      // `nftables`, `iptables-nft` or `iptables-legacy`; empty when not installed
  bool as_planned = false;  // exactly the rules of the last install_redirect() are in force
  std::string rules;        // one in a line: its state, `[packets]`, its place, itself
  std::vector<std::string> warnings;
};

// Whatever the backend; as `meshdns-redirect status`. Errors: NotPermitted, Internal.
Result<RedirectStatus> redirect_status();

}  // namespace meshdns
