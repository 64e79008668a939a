// One reader per kind. `content` is where the fields of the kind are: the document or, for old kinds in the
// Kubernetes form, its `spec`; for kinds with `spec` and `status` the document. All of them throw
// text::YamlFault, and check what Kuma's validators check of what they read.
#pragma once

#include "zones/kuma/field.hpp"
#include "zones/kuma/resources.hpp"

namespace meshdns::kuma {

Mesh read_mesh(Meta meta, const Field& content);
Dataplane read_dataplane(Meta meta, const Field& content);
ZoneIngress read_zone_ingress(Meta meta, const Field& content);
ExternalService read_external_service(Meta meta, const Field& content);
VirtualOutbound read_virtual_outbound(Meta meta, const Field& content);
MeshGateway read_mesh_gateway(Meta meta, const Field& content);
Backend read_mesh_service(Meta meta, const Field& content);
Backend read_mesh_external_service(Meta meta, const Field& content);
Backend read_mesh_multi_zone_service(Meta meta, const Field& content);
HostnameGenerator read_hostname_generator(Meta meta, const Field& content);

// The mesh in a name `kuma-<mesh>-dns-vips`; empty for any other name.
std::string_view mesh_of_stored_vips(std::string_view name);
StoredVips read_stored_vips(std::string_view mesh, const Field& json);

}  // namespace meshdns::kuma
