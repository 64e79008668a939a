#include "zones/kuma/resources_of_mesh.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "zones/text/messages.hpp"

namespace meshdns::kuma {
namespace {

// Sorts by mesh and name, and keeps the last of those that have both in common.
template <class Resource, class Key>
void sort_and_warn(Listing<Resource>& listing, Key key, std::string_view kind, MeshZone* zone) {
  std::ranges::stable_sort(listing, {}, key);
  auto end = listing.begin();
  for (auto& placed : listing) {
    if (end != listing.begin() && key(*(end - 1)) == key(placed)) {
      if (zone != nullptr) {
        const auto& earlier = *(end - 1);
        text::warn(*zone, in_file(placed->meta.where, placed.file),
                   fmt::format("{} {} again, it replaces {}", kind, text::quote(placed->meta.name),
                               text::location_text(*zone, in_file(earlier->meta.where, earlier.file))));
      }
      *(end - 1) = placed;
    } else {
      *end++ = placed;
    }
  }
  listing.erase(end, listing.end());
}

template <class Resource>
Listing<Resource> gather(std::span<const FileResources> files, std::vector<Resource> ResourceSet::* member,
                         bool& is_empty) {
  Listing<Resource> all;
  for (const FileResources& file : files) {
    for (const Resource& resource : file.set->*member) {
      all.push_back({&resource, file.file});
    }
  }
  is_empty = is_empty && all.empty();
  return all;
}

constexpr auto kByName = [](const auto& placed) {
  return std::pair<const std::string&, const std::string&>(placed->meta.mesh, placed->meta.name);
};

}  // namespace

AllResources list_resources(std::span<const FileResources> files, MeshZone& zone) {
  AllResources all;
  const auto of_mesh = [&](const std::string& name) -> ResourcesOfMesh& {
    ResourcesOfMesh& mesh = all.meshes[name];
    mesh.name = name;
    return mesh;
  };
  const auto spread = [&](auto member, auto target, std::string_view kind) {
    auto listing = gather(files, member, all.is_empty);
    sort_and_warn(listing, kByName, kind, &zone);
    for (const auto& placed : listing) {
      (of_mesh(placed->meta.mesh).*target).push_back(placed);
    }
  };
  spread(&ResourceSet::dataplanes, &ResourcesOfMesh::dataplanes, "Dataplane");
  spread(&ResourceSet::external_services, &ResourcesOfMesh::external_services, "ExternalService");
  spread(&ResourceSet::virtual_outbounds, &ResourcesOfMesh::virtual_outbounds, "VirtualOutbound");

  auto backends = gather(files, &ResourceSet::backends, all.is_empty);
  const auto by_kind = [](const auto& placed) {
    return std::tuple<Backend::Kind, const std::string&, const std::string&>(placed->kind, placed->meta.mesh,
                                                                             placed->meta.name);
  };
  sort_and_warn(backends, by_kind, "resource", &zone);
  for (const auto& placed : backends) {
    of_mesh(placed->meta.mesh).backends.push_back(placed);
  }

  for (const auto& placed : gather(files, &ResourceSet::meshes, all.is_empty)) {
    ResourcesOfMesh& mesh = of_mesh(placed->meta.name);
    mesh.mesh_services = placed->mesh_services.value_or(mesh.mesh_services);
  }
  bool ignored = true;
  for (const auto& placed : gather(files, &ResourceSet::stored_vips, ignored)) {
    of_mesh(placed->mesh).stored_vips.push_back(placed);
  }

  all.zone_ingresses = gather(files, &ResourceSet::zone_ingresses, all.is_empty);
  sort_and_warn(all.zone_ingresses, kByName, "ZoneIngress", &zone);
  for (const auto& ingress : all.zone_ingresses) {
    for (const AvailableService& service : ingress->available_services) {
      of_mesh(service.mesh);
    }
  }
  all.gateways = gather(files, &ResourceSet::gateways, all.is_empty);
  sort_and_warn(all.gateways, kByName, "MeshGateway", &zone);
  all.generators = gather(files, &ResourceSet::generators, all.is_empty);
  sort_and_warn(all.generators, kByName, "HostnameGenerator", &zone);
  return all;
}

}  // namespace meshdns::kuma
