// The documents of a made-up mesh, universal form, each preceded by `---`. The same MeshShape always gives
// the same documents. How many names they make is in README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace meshdns::zones_bench {

struct MeshShape {
  std::size_t dataplanes = 1000;
  std::size_t inbounds = 1;  // of each Dataplane
  std::size_t services = 100;
  std::size_t virtual_outbounds = 2;
  std::size_t mesh_services = 0;
  std::uint64_t seed = 1;
};

// The Mesh, its VirtualOutbounds and its HostnameGenerators.
std::string policies(const MeshShape& shape);

// `index` counts from 0.
std::string dataplane(const MeshShape& shape, std::size_t index);
std::string mesh_service(const MeshShape& shape, std::size_t index);

}  // namespace meshdns::zones_bench
