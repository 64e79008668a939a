// KumaOptions: what Kuma's control plane is configured with and what its resources do not say by themselves.
// Defaults are Kuma's own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <meshdns/ip_range.hpp>

namespace meshdns {

// Where virtual IPs come from: a range of either family or one of each; then a name has an address of each.
struct VipRanges {
  std::optional<IpRange> ipv4;
  std::optional<IpRange> ipv6;

  bool operator==(const VipRanges&) const = default;
};

struct KumaOptions {
  std::string mesh;       // whose names; empty: of every mesh in the resources
  std::string dataplane;  // sees only what this Dataplane's transparentProxying lets it; empty: everything
  std::map<std::string, std::string> dataplane_vars;  // for Mustache templates of Dataplanes; `a.b` nests

  std::string domain = "mesh";     // of `<service>.<domain>` (KUMA_DNS_SERVER_DOMAIN)
  std::string zone = "default";    // name of the local zone
  bool service_vips = true;        // names of kuma.io/service (KUMA_DNS_SERVER_SERVICE_VIP_ENABLED)
  bool default_generators = true;  // the HostnameGenerators that Kuma creates; a resource of that name counts
  bool prefer_computed = false;    // host names of status.addresses are computed again
  bool ipv6_mapped = false;        // adds ::ffff:a.b.c.d to IPv4 addresses, as Kuma does

  VipRanges service_range{IpRange::parse("240.0.0.0/4"), {}};  // KUMA_DNS_SERVER_CIDR
  VipRanges mesh_service_range{IpRange::parse("241.0.0.0/8"), {}};
  VipRanges mesh_external_service_range{IpRange::parse("242.0.0.0/8"), {}};
  VipRanges mesh_multi_zone_service_range{IpRange::parse("243.0.0.0/8"), {}};

  // File that keeps allocated VIPs; empty: names keep theirs only as long as the process lives.
  std::string state_path;

  bool operator==(const KumaOptions&) const = default;
};

}  // namespace meshdns
