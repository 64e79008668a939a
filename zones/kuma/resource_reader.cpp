#include "zones/kuma/resource_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "zones/kuma/field.hpp"
#include "zones/kuma/read_kinds.hpp"
#include "zones/kuma/read_meta.hpp"

namespace meshdns::kuma {
namespace {

using text::YamlFault;
using text::YamlNode;

constexpr std::string_view kGroup = "kuma.io/";

struct Kind {
  std::string_view name;
  Scope scope;
  void (*read)(Meta meta, const Field& content, ResourceSet& out);
};

// Adds what `Read` makes of a document to the list `List` of a set.
template <auto Read, auto List>
void add(Meta meta, const Field& content, ResourceSet& out) {
  (out.*List).push_back(Read(std::move(meta), content));
}

using Set = ResourceSet;

constexpr Scope kGlobal{.has_mesh = false, .is_namespaced = false, .has_spec = false};
constexpr Scope kOldCluster{.has_mesh = true, .is_namespaced = false, .has_spec = false};
constexpr Scope kOldNamespaced{.has_mesh = true, .is_namespaced = true, .has_spec = false};
constexpr Scope kGlobalNamespaced{.has_mesh = false, .is_namespaced = true, .has_spec = false};
constexpr Scope kBackend{};
constexpr Scope kGenerator{.has_mesh = false};

constexpr std::array kKinds{
    Kind{"Mesh", kGlobal, add<read_mesh, &Set::meshes>},
    Kind{"Dataplane", kOldNamespaced, add<read_dataplane, &Set::dataplanes>},
    Kind{"ZoneIngress", kGlobalNamespaced, add<read_zone_ingress, &Set::zone_ingresses>},
    Kind{"ExternalService", kOldCluster, add<read_external_service, &Set::external_services>},
    Kind{"VirtualOutbound", kOldCluster, add<read_virtual_outbound, &Set::virtual_outbounds>},
    Kind{"MeshGateway", kOldCluster, add<read_mesh_gateway, &Set::gateways>},
    Kind{"MeshService", kBackend, add<read_mesh_service, &Set::backends>},
    Kind{"MeshExternalService", kBackend, add<read_mesh_external_service, &Set::backends>},
    Kind{"MeshMultiZoneService", kBackend, add<read_mesh_multi_zone_service, &Set::backends>},
    Kind{"HostnameGenerator", kGenerator, add<read_hostname_generator, &Set::generators>},
};

const Kind* find_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kKinds, name, &Kind::name);
  return found == kKinds.end() ? nullptr : found;
}

Field open_document(const YamlNode& document, const Kind& kind) {
  return {document, kind.scope.has_spec ? Field::Format::OpenApi : Field::Format::Protobuf};
}

void add_stored_vips(const Field& name, const Field& around, ResourceSet& out) {
  const std::string_view mesh = mesh_of_stored_vips(name.text("a name"));
  if (!mesh.empty() && around["config"].is_given()) {
    out.stored_vips.push_back(read_stored_vips(mesh, around["config"]));
  }
}

void read_universal(const YamlNode& document, const std::string& type, ResourceSet& out) {
  if (type == "Config") {
    const Field config(document, Field::Format::Protobuf);
    add_stored_vips(config["name"], config, out);
  } else if (const Kind* const kind = find_kind(type)) {
    const Field content = open_document(document, *kind);
    kind->read(read_universal_meta(content, kind->scope), content, out);
  }
}

void read_kubernetes(const YamlNode& document, const std::string& api_version, const std::string& kind_name,
                     ResourceSet& out) {
  if (api_version == "v1" && kind_name == "ConfigMap") {
    const Field map(document, Field::Format::OpenApi);
    add_stored_vips(map["metadata"]["name"], map["data"], out);
  } else if (const Kind* const kind = find_kind(kind_name);
             kind != nullptr && api_version.starts_with(kGroup)) {
    const Field content = open_document(document, *kind);
    kind->read(read_kubernetes_meta(content, kind->scope), kind->scope.has_spec ? content : content["spec"],
               out);
  }
}

}  // namespace

bool is_resource(const YamlNode& document) {
  static constexpr std::array<std::string_view, 4> kKeys{"type", "apiVersion", "kind", "items"};
  const auto has = [&](std::string_view key) { return document.find(key) != nullptr; };
  return document.kind == YamlNode::Kind::Map && !has("records") && std::ranges::any_of(kKeys, has);
}

void read_resource(const YamlNode& document, ResourceSet& out) {
  if (!is_resource(document)) {
    throw YamlFault{document.at,
                    "this is no resource, expected a map with 'type', or with 'apiVersion' and 'kind'"};
  }
  const Field field(document, Field::Format::OpenApi);
  const Field api_version = field["apiVersion"];
  const Field kind = field["kind"];
  if (document.find("items") != nullptr) {
    for (const Field& item : field["items"].items()) {
      read_resource(item.node(), out);
    }
  } else if (api_version.is_given() || kind.is_given()) {
    api_version.require("the API of the kind, such as kuma.io/v1alpha1");
    kind.require("a kind of resource, such as MeshService");
    read_kubernetes(document, api_version.text(), kind.text(), out);
  } else {
    const Field type = field["type"];
    type.require("a kind of resource, such as Dataplane");
    read_universal(document, type.text(), out);
  }
}

}  // namespace meshdns::kuma
