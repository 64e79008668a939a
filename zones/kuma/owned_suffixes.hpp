// Suffixes that belong to the mesh, judged by what makes its names.
#pragma once

#include <vector>

#include <meshdns/kuma_options.hpp>

#include "zones/kuma/resources_of_mesh.hpp"

namespace meshdns::kuma {

// The domain of services, and what generators put behind their last action: `svc.mesh.local` of
// `{{ .DisplayName }}.svc.mesh.local`. Not of one without action, which makes a single name, nor of one that
// names the public world: a public suffix
// (`com`) or what is registered directly below one (`example.com`); `zone` gets a warning then. None lies
// below another.
std::vector<DomainName> owned_suffixes(const Listing<HostnameGenerator>& generators,
                                       const KumaOptions& options, MeshZone& zone);

}  // namespace meshdns::kuma
