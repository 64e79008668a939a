#include <array>

#include "zones/kuma/read_kinds.hpp"

namespace meshdns::kuma {
namespace {

constexpr std::size_t kMaxServiceName = 63;

void read_ports(const Field& field, Backend& backend) {
  for (const Field& item : field.items()) {
    backend.ports.push_back({.number = item["port"].port(), .name = item["name"].text("the name of a port")});
  }
}

// What the control plane has not filled yet is empty.
void read_vip(const Field& field, Backend& backend) {
  if (!field["ip"].text("an IP address").empty()) {
    backend.vips.push_back(field["ip"].ip_address());
  }
}

void read_addresses(const Field& status, Backend& backend) {
  const std::vector<Field> addresses = status["addresses"].items();
  backend.has_status_addresses = !addresses.empty();
  for (const Field& address : addresses) {
    if (const std::string& hostname = address["hostname"].text("a host name"); !hostname.empty()) {
      backend.hostnames.push_back(hostname);
    }
  }
}

void read_status(const Field& status, Backend& backend) {
  for (const Field& vip : status["vips"].items()) {
    read_vip(vip, backend);
  }
  read_addresses(status, backend);
}

// The label keeps the name that a resource had before a zone or a namespace was added to it.
std::string_view display_name(const Meta& meta) {
  const auto label = meta.labels.find(std::string_view("kuma.io/display-name"));
  return label == meta.labels.end() ? std::string_view(meta.object_name) : std::string_view(label->second);
}

}  // namespace

std::string_view kind_text(Backend::Kind kind) {
  static constexpr std::array<std::string_view, 3> kTexts{"MeshService", "MeshExternalService",
                                                          "MeshMultiZoneService"};
  return kTexts[static_cast<std::size_t>(kind)];
}

Backend read_mesh_service(Meta meta, const Field& content) {
  Backend backend{.kind = Backend::Kind::MeshService, .meta = std::move(meta)};
  if (display_name(backend.meta).size() > kMaxServiceName) {
    const Field name = backend.meta.is_kubernetes ? content["metadata"]["name"] : content["name"];
    name.refuse("at most 63 characters");
  }
  read_ports(content["spec"]["ports"], backend);
  read_status(content["status"], backend);
  return backend;
}

Backend read_mesh_external_service(Meta meta, const Field& content) {
  static constexpr std::array<std::string_view, 1> kTypes{"HostnameGenerator"};
  Backend backend{.kind = Backend::Kind::MeshExternalService, .meta = std::move(meta)};
  const Field match = content["spec"]["match"];
  static_cast<void>(match["type"].word(kTypes));
  backend.ports.push_back({.number = match["port"].port(), .name = {}});
  read_vip(content["status"]["vip"], backend);
  read_addresses(content["status"], backend);
  return backend;
}

Backend read_mesh_multi_zone_service(Meta meta, const Field& content) {
  Backend backend{.kind = Backend::Kind::MeshMultiZoneService, .meta = std::move(meta)};
  const Field spec = content["spec"];
  const Field labels = spec["selector"]["meshService"]["matchLabels"];
  labels.require("at least one label");
  if (labels.texts().empty()) {
    labels.fault("no label, expected at least one");
  }
  read_ports(spec["ports"], backend);
  if (backend.ports.empty()) {
    spec["ports"].refuse("at least one port");
  }
  read_status(content["status"], backend);
  return backend;
}

}  // namespace meshdns::kuma
