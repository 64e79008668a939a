#include <array>

#include "zones/kuma/read_kinds.hpp"
#include "zones/kuma/read_tags.hpp"

namespace meshdns::kuma {

Mesh read_mesh(Meta meta, const Field& content) {
  static constexpr std::array<std::string_view, 4> kModes{"Disabled", "Everywhere", "ReachableBackends",
                                                          "Exclusive"};
  Mesh mesh{.meta = std::move(meta)};
  if (const Field services = content["meshServices"]; services.is_given()) {
    mesh.mesh_services = static_cast<Mesh::MeshServices>(services["mode"].enumerator(kModes));
  }
  return mesh;
}

ZoneIngress read_zone_ingress(Meta meta, const Field& content) {
  ZoneIngress ingress{.meta = std::move(meta), .zone = content["zone"].text("the name of a zone")};
  for (const Field& item : content["availableServices"].items()) {
    ingress.available_services.push_back(
        {.mesh = item["mesh"].text("the name of a mesh"), .tags = read_service_tags(item["tags"])});
  }
  return ingress;
}

}  // namespace meshdns::kuma
