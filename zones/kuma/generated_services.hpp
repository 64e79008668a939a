// MeshServices that the control plane makes of Dataplanes on Universal, where a mesh has MeshServices and the
// resources do not show them.
#pragma once

#include <deque>

#include "zones/kuma/resources_of_mesh.hpp"

namespace meshdns::kuma {

// One per kuma.io/service whose value is an RFC 1035 label, unless `mesh` has a MeshService of that name.
// Adds to mesh.backends, in order; `storage` keeps what they point to.
void add_generated_services(ResourcesOfMesh& mesh, const std::string& zone, std::deque<Backend>& storage);

}  // namespace meshdns::kuma
