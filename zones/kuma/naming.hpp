// derive_names(): Kuma's resources to the names that its control plane would publish, with their addresses.
//
// The order of what follows here is Kuma's own (pkg/xds/generator/dns_generator.go, pkg/xds/topology/dns.go):
// legacy entries by type and name, then MeshServices, MeshExternalServices, MeshMultiZoneServices; of two
// with the same name the later one has it.
#pragma once

#include <span>

#include <meshdns/kuma_options.hpp>
#include <meshdns/result.hpp>

#include "zones/kuma/resources_of_mesh.hpp"
#include "zones/kuma/vip_keeper.hpp"

namespace meshdns::kuma {

struct Naming {
  KeptVips vips;                 // for the next load
  std::vector<DomainName> owns;  // suffixes that belong to the mesh unless the operator says otherwise
};

// `of_records`: addresses that plain records beside the resources have. Adds records, conflicts, origins,
// warnings and the use of ranges to `zone`. Errors: InvalidZone (the Dataplane of the options is not there,
// stored VIPs cannot be read).
Result<Naming> derive_names(std::span<const FileResources> files, std::span<const IpAddress> of_records,
                            const KumaOptions& options, std::uint32_t ttl_seconds, const KeptVips& before,
                            MeshZone& zone);

}  // namespace meshdns::kuma
