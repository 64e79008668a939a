// HostnameGenerators: what they call MeshServices, MeshExternalServices and MeshMultiZoneServices.
//
// Kuma: pkg/core/resources/apis/hostnamegenerator/, pkg/defaults/hostname_generator.go.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <meshdns/kuma_options.hpp>

#include "zones/kuma/claims.hpp"
#include "zones/kuma/resources_of_mesh.hpp"

namespace meshdns::kuma {

// Labels as the control plane completes them: mesh, display name, origin, environment, zone, namespace.
Tags complete_labels(const Backend& backend, const std::string& local_zone);

// Those that Kuma creates by itself.
std::span<const HostnameGenerator> default_generators();

// `written` in the order in which they are applied, with those of the defaults that it has no namesake of.
Listing<HostnameGenerator> generators_in_force(const Listing<HostnameGenerator>& written, bool with_defaults);

// Kuma 2.14 tries a template when it is stored, with a word for every field and label. What it would refuse
// gives `zone` a warning, because an older one took it.
void warn_of_bad_templates(const Listing<HostnameGenerator>& written, MeshZone& zone);

struct BackendNames {
  struct Name {
    std::string hostname;
    ZoneClaim claim;
  };

  Placed<Backend> backend;
  std::vector<Name> names;
};

// One element for each of `backends`, in their order. Names in a resource's status count, unless
// `options.prefer_computed`; else the generators make them. Of two resources of one kind with the same host
// name the older one gets it, and the conflict is recorded.
std::vector<BackendNames> name_backends(const Listing<Backend>& backends,
                                        const Listing<HostnameGenerator>& generators,
                                        const KumaOptions& options, MeshZone& zone, Claims& claims);

}  // namespace meshdns::kuma
