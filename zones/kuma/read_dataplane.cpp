#include <array>

#include "zones/kuma/dns_name.hpp"
#include "zones/kuma/read_kinds.hpp"
#include "zones/kuma/read_tags.hpp"

namespace meshdns::kuma {
namespace {

std::string read_address(const Field& field) {
  static constexpr std::string_view kExpected = "an IP address or a DNS name";
  const std::string& address = field.text(kExpected);
  const auto ip = IpAddress::parse(address);
  if (!ip && !is_dns_name(address)) {
    field.refuse(kExpected);
  }
  if (address == "0.0.0.0" || address == "::") {
    field.refuse("an address that others can reach");
  }
  return address;
}

Inbound::State read_state(const Field& inbound) {
  static constexpr std::array<std::string_view, 3> kStates{"Ready", "NotReady", "Ignored"};
  const auto state = static_cast<Inbound::State>(inbound["state"].enumerator(kStates));
  const Field health = inbound["health"];
  const bool is_unhealthy = health.is_given() && !health["ready"].flag();
  return is_unhealthy && state == Inbound::State::Ready ? Inbound::State::NotReady : state;
}

Inbound read_inbound(const Field& field) {
  Inbound inbound;
  inbound.where = field.where();
  inbound.port = field["port"].port();
  inbound.name = field["name"].text();
  if (const Field address = field["address"]; !address.text("an IP address").empty()) {
    inbound.address = address.ip_address();
  }
  // Kuma 3 has a protocol instead of tags.
  const bool is_without_tags = !field["tags"].is_given() && field["protocol"].is_given();
  inbound.tags = is_without_tags ? Tags() : read_service_tags(field["tags"]);
  inbound.state = read_state(field);
  return inbound;
}

BackendRef read_backend_ref(const Field& field) {
  static constexpr std::array<std::string_view, 3> kKinds{"MeshService", "MeshExternalService",
                                                          "MeshMultiZoneService"};
  BackendRef ref;
  const Field kind = field["kind"];
  kind.require("the kind of a backend");
  ref.kind = kKinds[kind.word(kKinds)];
  ref.name = field["name"].text("a name");
  ref.object_namespace = field["namespace"].text("a namespace");
  ref.labels = field["labels"].texts();
  if (const std::uint16_t port = field["port"].port_or_zero(); port != 0) {
    ref.port = port;
  }
  if (ref.name.empty() && !ref.object_namespace.empty()) {
    field["name"].refuse("a name, since there is a namespace");
  }
  if (ref.name.empty() && ref.labels.empty()) {
    field.fault("neither 'name' nor 'labels', expected one of them");
  }
  if (!ref.name.empty() && !ref.labels.empty()) {
    field["labels"].fault("given together with 'name', expected one of them");
  }
  return ref;
}

TransparentProxying read_transparent_proxying(const Field& field) {
  static constexpr std::array<std::string_view, 4> kModes{"UnSpecified", "DualStack", "IPv4", "IPv6"};
  TransparentProxying proxying;
  proxying.is_ipv4_only = kModes[field["ipFamilyMode"].enumerator(kModes)] == "IPv4";
  for (const Field& service : field["reachableServices"].items()) {
    service.require("the name of a service");
    proxying.reachable_services.push_back(service.text("the name of a service"));
  }
  if (const Field backends = field["reachableBackends"]; backends.is_given()) {
    proxying.reachable_backends.emplace();
    for (const Field& ref : backends["refs"].items()) {
      proxying.reachable_backends->push_back(read_backend_ref(ref));
    }
  }
  return proxying;
}

void check_gateway(const Field& gateway) {
  static constexpr std::array<std::string_view, 2> kTypes{"DELEGATED", "BUILTIN"};
  static_cast<void>(gateway["type"].enumerator(kTypes));
  if (gateway["tags"].is_given()) {
    static_cast<void>(read_service_tags(gateway["tags"]));
  }
}

}  // namespace

Dataplane read_dataplane(Meta meta, const Field& content) {
  Dataplane dataplane{.meta = std::move(meta)};
  const Field networking = content["networking"];
  dataplane.address = read_address(networking["address"]);

  const Field inbound = networking["inbound"];
  for (const Field& item : inbound.items()) {
    dataplane.inbounds.push_back(read_inbound(item));
  }
  const Field gateway = networking["gateway"];
  dataplane.is_gateway = gateway.is_given();
  if (dataplane.is_gateway) {
    check_gateway(gateway);
  }
  if (dataplane.is_gateway && !dataplane.inbounds.empty()) {
    inbound.fault("given together with 'gateway', expected one of them");
  }
  // Kuma 3 has listeners beside inbounds.
  if (!dataplane.is_gateway && dataplane.inbounds.empty() && networking["listeners"].items().empty()) {
    inbound.refuse("at least one inbound, or a gateway");
  }
  if (const Field proxying = networking["transparentProxying"]; proxying.is_given()) {
    dataplane.transparent_proxying = read_transparent_proxying(proxying);
  }
  return dataplane;
}

}  // namespace meshdns::kuma
