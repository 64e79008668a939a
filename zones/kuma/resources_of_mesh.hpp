// ResourcesOfMesh: the resources of one mesh in the order in which the control plane's store lists them, by
// name.
//
// Nothing here depends on the order of files and documents. Points into the ResourceSets that it was made of.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "zones/kuma/resources.hpp"

namespace meshdns::kuma {

// The resources of one file; `file` is its index in MeshZone::files.
struct FileResources {
  std::uint32_t file = 0;
  const ResourceSet* set = nullptr;
};

// A resource and the file that it was read from.
template <class Resource>
struct Placed {
  const Resource* resource = nullptr;
  std::uint32_t file = 0;

  const Resource* operator->() const { return resource; }
  const Resource& operator*() const { return *resource; }
};

template <class Resource>
using Listing = std::vector<Placed<Resource>>;

inline ZoneLocation in_file(ZoneLocation where, std::uint32_t file) {
  where.file = file;
  return where;
}

struct ResourcesOfMesh {
  std::string name;
  Mesh::MeshServices mesh_services = Mesh::MeshServices::Disabled;
  Listing<Dataplane> dataplanes;
  Listing<ExternalService> external_services;
  Listing<VirtualOutbound> virtual_outbounds;
  Listing<Backend> backends;
  Listing<StoredVips> stored_vips;
};

struct AllResources {
  std::map<std::string, ResourcesOfMesh, std::less<>> meshes;
  Listing<ZoneIngress> zone_ingresses;  // of several meshes each
  Listing<MeshGateway> gateways;        // seen from every mesh
  Listing<HostnameGenerator> generators;
  bool is_empty = true;  // no resource at all
};

// Of two resources with the same kind, mesh and name the one in the later document counts; `zone` gets a
// warning, unless they are Meshes, which an export has twice.
AllResources list_resources(std::span<const FileResources> files, MeshZone& zone);

}  // namespace meshdns::kuma
