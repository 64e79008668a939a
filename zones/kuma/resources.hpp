// Kuma's resources as far as names depend on them. Plain data, written by ResourceReader, read by everything
// else in this room.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/container/flat_map.hpp>

#include <meshdns/address.hpp>
#include <meshdns/zone.hpp>

#include "zones/template/go_template.hpp"

namespace meshdns::kuma {

// Sorted by key.
using Tags = boost::container::flat_map<std::string, std::string, std::less<>>;

using Time = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr std::string_view kServiceTag = "kuma.io/service";

struct Meta {
  std::string mesh;  // empty for kinds that belong to no mesh
  std::string name;  // the control plane's: `<name>.<namespace>` for a namespaced Kubernetes object
  // `metadata.name` of a Kubernetes object, else the name.
  std::string object_name;
  std::string object_namespace;  // of a Kubernetes object
  bool is_kubernetes = false;    // written in the Kubernetes form
  Tags labels;                   // as written
  Time created = Time::min();    // min() if it is not said
  ZoneLocation where;            // of the document; `file` is 0
};

struct Mesh {
  enum class MeshServices : std::uint8_t { Disabled, Everywhere, ReachableBackends, Exclusive };

  Meta meta;
  std::optional<MeshServices> mesh_services;
};

struct Inbound {
  enum class State : std::uint8_t { Ready, NotReady, Ignored };

  std::optional<IpAddress> address;  // without it the Dataplane's
  std::uint16_t port = 0;
  std::string name;
  Tags tags;
  State state = State::Ready;
  ZoneLocation where;
};

struct BackendRef {
  std::string kind;  // MeshService, MeshExternalService, MeshMultiZoneService
  std::string name;
  std::string object_namespace;
  Tags labels;
  std::optional<std::uint16_t> port;
};

struct TransparentProxying {
  bool is_ipv4_only = false;                                  // ipFamilyMode: IPv4
  std::vector<std::string> reachable_services;                // empty: the key is absent
  std::optional<std::vector<BackendRef>> reachable_backends;  // present without refs: none
};

struct Dataplane {
  Meta meta;
  std::string address;  // an IP address or a DNS name
  std::vector<Inbound> inbounds;
  bool is_gateway = false;
  std::optional<TransparentProxying> transparent_proxying;
};

struct AvailableService {
  std::string mesh;
  Tags tags;
};

struct ZoneIngress {
  Meta meta;
  std::string zone;  // empty: the local one
  std::vector<AvailableService> available_services;
};

struct ExternalService {
  Meta meta;
  Tags tags;
  std::string host;  // a DNS name, or an IP address without brackets
  std::uint16_t port = 0;
  bool has_host_name = true;  // not disableHostDNSEntry
};

struct VirtualOutbound {
  struct Parameter {
    std::string name;
    std::string tag;
  };

  Meta meta;
  std::vector<Tags> selectors;  // `*` as a value: the tag is present
  templates::GoTemplate host;
  templates::GoTemplate port;
  std::vector<Parameter> parameters;
};

struct GatewayListener {
  std::string hostname;  // may be empty or have `*`
  std::uint16_t port = 0;
  bool is_cross_mesh = false;
};

struct MeshGateway {
  Meta meta;
  std::vector<Tags> selectors;
  std::vector<GatewayListener> listeners;
};

struct BackendPort {
  std::uint16_t number = 0;
  std::string name;
};

// MeshService, MeshExternalService and MeshMultiZoneService look the same to DNS.
struct Backend {
  enum class Kind : std::uint8_t { MeshService, MeshExternalService, MeshMultiZoneService };

  Kind kind = Kind::MeshService;
  Meta meta;
  std::vector<BackendPort> ports;
  std::vector<IpAddress> vips;         // status.vips or status.vip
  std::vector<std::string> hostnames;  // status.addresses[].hostname
  bool has_status_addresses = false;   // status.addresses is there and not empty
};

struct HostnameGenerator {
  Meta meta;
  Backend::Kind selects = Backend::Kind::MeshService;
  Tags match_labels;
  templates::GoTemplate name_template;
};

// VIPs that the control plane stored (Config `kuma-<mesh>-dns-vips`): the JSON text as it is.
struct StoredVips {
  std::string mesh;
  std::string json;
  ZoneLocation where;
};

// The resources of one file.
struct ResourceSet {
  std::vector<Mesh> meshes;
  std::vector<Dataplane> dataplanes;
  std::vector<ZoneIngress> zone_ingresses;
  std::vector<ExternalService> external_services;
  std::vector<VirtualOutbound> virtual_outbounds;
  std::vector<MeshGateway> gateways;
  std::vector<Backend> backends;
  std::vector<HostnameGenerator> generators;
  std::vector<StoredVips> stored_vips;
};

std::string_view kind_text(Backend::Kind kind);

}  // namespace meshdns::kuma
