#include "bench/zones/mesh_documents.hpp"

#include <array>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace meshdns::zones_bench {
namespace {

constexpr std::size_t kTeams = 25;
constexpr std::size_t kVersions = 3;
constexpr std::size_t kPorts = 1000;

// A number that depends on seed and place only (splitmix64), whatever was written before.
std::uint64_t number(std::uint64_t seed, std::uint64_t place) {
  std::uint64_t z = seed * 0x9e3779b97f4a7c15U + place * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

std::string service_name(std::size_t service) {
  static constexpr std::array<std::string_view, 12> kWords{"cart",   "stock",   "checkout", "payment",
                                                           "orders", "catalog", "search",   "profile",
                                                           "mail",   "reports", "billing",  "images"};
  return fmt::format("{}-{}", kWords[service % kWords.size()], service);
}

std::string team_name(std::size_t service) {
  return fmt::format("team-{}", service % kTeams);
}

// The first two name services, every other one each inbound.
std::string virtual_outbound(std::size_t index) {
  struct Kind {
    std::string_view name, host, tag;
  };
  static constexpr std::array<Kind, 2> kOfServices{
      Kind{"by-version", "{{.svc}}.{{.version}}.shop", "version"},
      Kind{"by-team", "{{.svc}}.{{.team}}.shop", "team"},
  };
  std::string name = fmt::format("by-instance-{}", index);
  std::string host = fmt::format("{{{{.instance}}}}.{{{{.svc}}}}.i{}.shop", index);
  std::string_view tag = "instance";
  if (index < kOfServices.size()) {
    name = kOfServices[index].name;
    host = kOfServices[index].host;
    tag = kOfServices[index].tag;
  }
  return fmt::format(R"(---
type: VirtualOutbound
mesh: shop
name: {0}
creationTime: 2025-01-01T00:00:00Z
selectors:
  - match: {{kuma.io/service: "*", {2}: "*"}}
conf:
  host: "{1}"
  port: "80"
  parameters:
    - {{name: svc, tagKey: kuma.io/service}}
    - {{name: {2}}}
)",
                     name, host, tag);
}

}  // namespace

std::string policies(const MeshShape& shape) {
  std::string text = "---\ntype: Mesh\nname: shop\n";
  for (std::size_t i = 0; i < shape.virtual_outbounds; ++i) {
    text += virtual_outbound(i);
  }
  if (shape.mesh_services > 0) {
    text += R"(---
type: HostnameGenerator
name: names-of-teams
labels: {kuma.io/origin: zone}
spec:
  selector: {meshService: {matchLabels: {tier: backend}}}
  template: '{{ .DisplayName }}.{{ label "team" }}.backends'
)";
  }
  return text;
}

std::string dataplane(const MeshShape& shape, std::size_t index) {
  std::string text = fmt::format(R"(---
type: Dataplane
mesh: shop
name: dp-{}
networking:
  address: 10.{}.{}.{}
  inbound:
)",
                                 index, index >> 16U & 0xffU, index >> 8U & 0xffU, index & 0xffU);
  for (std::size_t i = 0; i < shape.inbounds; ++i) {
    const std::size_t inbound = index * shape.inbounds + i;
    const std::size_t service = inbound % shape.services;
    fmt::format_to(std::back_inserter(text), R"(    - port: {}
      tags:
        kuma.io/service: {}
        kuma.io/protocol: http
        version: v{}
        team: {}
        instance: n{}
)",
                   8000 + service % kPorts, service_name(service),
                   1 + number(shape.seed, inbound) % kVersions, team_name(service), inbound);
  }
  return text;
}

std::string mesh_service(const MeshShape& shape, std::size_t index) {
  const std::size_t service = index % shape.services;
  return fmt::format(R"(---
type: MeshService
mesh: shop
name: backend-{0}
creationTime: 2025-01-01T00:00:00Z
labels:
  kuma.io/display-name: backend-{0}
  kuma.io/origin: zone
  kuma.io/env: universal
  team: {1}
  tier: {2}
spec:
  state: Available
  selector: {{dataplaneTags: {{kuma.io/service: {3}}}}}
  ports: [{{name: main, port: {4}, targetPort: {4}, appProtocol: http}}]
)",
                     index, team_name(index), number(shape.seed, index) % 2 == 0 ? "backend" : "edge",
                     service_name(service), 8000 + service % kPorts);
}

}  // namespace meshdns::zones_bench
