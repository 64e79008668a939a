#include "zones/kuma/generated_services.hpp"

#include <algorithm>
#include <map>

#include "zones/kuma/dns_name.hpp"

namespace meshdns::kuma {
namespace {

// Where Dataplanes disagree about the ports of a service, the oldest one is right.
struct Service {
  Placed<Dataplane> oldest;
  std::map<std::uint16_t, std::string> ports;
};

bool runs_on_kubernetes(const Meta& meta) {
  const auto environment = meta.labels.find("kuma.io/env");
  return meta.is_kubernetes || (environment != meta.labels.end() && environment->second == "kubernetes");
}

std::map<std::string, Service> services_of(const Listing<Dataplane>& dataplanes) {
  std::map<std::string, Service> services;
  for (const auto& dataplane : dataplanes) {
    if (runs_on_kubernetes(dataplane->meta)) {
      continue;
    }
    for (const Inbound& inbound : dataplane->inbounds) {
      const auto tag = inbound.tags.find(kServiceTag);
      if (tag == inbound.tags.end() || !is_rfc1035_label(tag->second)) {
        continue;
      }
      Service& service = services.try_emplace(tag->second, Service{dataplane, {}}).first->second;
      if (dataplane->meta.created < service.oldest->meta.created) {
        service = {dataplane, {}};
      }
      if (service.oldest.resource == dataplane.resource) {
        service.ports.try_emplace(inbound.port, inbound.name);
      }
    }
  }
  return services;
}

}  // namespace

void add_generated_services(ResourcesOfMesh& mesh, const std::string& zone, std::deque<Backend>& storage) {
  if (mesh.mesh_services == Mesh::MeshServices::Disabled) {
    return;
  }
  const auto by_name = [](const Placed<Backend>& backend) {
    return std::pair<Backend::Kind, std::string_view>(backend->kind, backend->meta.name);
  };
  const std::size_t known = mesh.backends.size();
  for (auto& [name, service] : services_of(mesh.dataplanes)) {
    const std::span written(mesh.backends.data(), known);
    if (std::ranges::binary_search(written, std::pair(Backend::Kind::MeshService, std::string_view(name)), {},
                                   by_name)) {
      continue;
    }
    Backend& backend = storage.emplace_back();
    backend.meta = {.mesh = mesh.name,
                    .name = name,
                    .object_name = name,
                    .labels = {{"kuma.io/display-name", name},
                               {"kuma.io/env", "universal"},
                               {"kuma.io/managed-by", "meshservice-generator"},
                               {"kuma.io/origin", "zone"},
                               {"kuma.io/zone", zone}},
                    .created = service.oldest->meta.created,
                    .where = service.oldest->meta.where};
    for (auto& [number, port_name] : service.ports) {
      backend.ports.push_back({number, port_name});
    }
    mesh.backends.push_back({&backend, service.oldest.file});
  }
  std::ranges::stable_sort(mesh.backends, {}, by_name);
}

}  // namespace meshdns::kuma
