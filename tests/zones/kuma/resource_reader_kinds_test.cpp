// What is read of each kind, in all its spellings.
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/kuma/read_resources.hpp"

namespace meshdns::kuma {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(ReadDataplane, ReadsWhatNamesDependOn) {
  const ResourceSet set = read(
      "type: Dataplane\n"
      "mesh: shop\n"
      "name: cart-1\n"
      "networking:\n"
      "  address: cart.example.org\n"
      "  advertisedAddress: 192.0.2.1\n"
      "  admin: {port: 9901}\n"
      "  inbound:\n"
      "  - {port: 7070, servicePort: 7071, name: web, tags: {kuma.io/service: cart, color: teal}}\n"
      "  - {port: '8080', address: '2001:db8::1', state: Ignored, tags: {kuma.io/service: cart}}\n"
      "  - {port: 1, state: 1, health: {ready: true}, tags: {kuma.io/service: cart}}\n"
      "  - {port: 2, health: {ready: no}, tags: {kuma.io/service: cart}}\n"
      "  - {port: 3, health: {}, tags: {kuma.io/service: cart}}\n"
      "  outbound: [{port: 3000, tags: {kuma.io/service: stock}}]\n"
      "probes: {port: 1}\n");
  ASSERT_THAT(set.dataplanes, SizeIs(1));
  const Dataplane& dataplane = set.dataplanes[0];
  EXPECT_EQ(dataplane.address, "cart.example.org");
  EXPECT_FALSE(dataplane.is_gateway);
  EXPECT_FALSE(dataplane.transparent_proxying);
  ASSERT_THAT(dataplane.inbounds, SizeIs(5));
  const Inbound& web = dataplane.inbounds[0];
  EXPECT_EQ(web.port, 7070);
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.state, Inbound::State::Ready);
  EXPECT_FALSE(web.address);
  EXPECT_THAT(web.tags, ElementsAre(Pair("color", "teal"), Pair("kuma.io/service", "cart")));
  EXPECT_EQ(web.where.line, 9U);
  EXPECT_EQ(web.where.column, 5U);
  EXPECT_EQ(dataplane.inbounds[1].port, 8080);
  EXPECT_EQ(dataplane.inbounds[1].address, IpAddress::parse("2001:db8::1"));
  EXPECT_EQ(dataplane.inbounds[1].state, Inbound::State::Ignored);
  EXPECT_EQ(dataplane.inbounds[2].state, Inbound::State::NotReady);
  EXPECT_EQ(dataplane.inbounds[3].state, Inbound::State::NotReady);
  EXPECT_EQ(dataplane.inbounds[4].state, Inbound::State::NotReady);
}

TEST(ReadDataplane, ReadsTransparentProxyingInBothSpellings) {
  for (const auto& [proxying, mode, services, backends] :
       {std::array{"transparentProxying", "ipFamilyMode", "reachableServices", "reachableBackends"},
        std::array{"transparent_proxying", "ip_family_mode", "reachable_services", "reachable_backends"}}) {
    const ResourceSet set =
        read(fmt::format("{{type: Dataplane, name: d, networking: {{address: 10.0.0.1, gateway: {{}}, {}: {{"
                         "redirectPortInbound: 15006, {}: IPv4, {}: [a, b_c_svc_80], {}: {{refs: ["
                         "{{kind: MeshService, name: stock, namespace: ns, port: 9000}}, "
                         "{{kind: MeshExternalService, labels: {{tier: outside}}}}]}}}}}}}}",
                         proxying, mode, services, backends));
    ASSERT_THAT(set.dataplanes, SizeIs(1));
    const auto& read_back = set.dataplanes[0].transparent_proxying;
    ASSERT_TRUE(read_back);
    EXPECT_TRUE(read_back->is_ipv4_only);
    EXPECT_THAT(read_back->reachable_services, ElementsAre("a", "b_c_svc_80"));
    ASSERT_THAT(read_back->reachable_backends, Optional(SizeIs(2)));
    const BackendRef& stock = read_back->reachable_backends->at(0);
    EXPECT_EQ(stock.kind, "MeshService");
    EXPECT_EQ(stock.name, "stock");
    EXPECT_EQ(stock.object_namespace, "ns");
    EXPECT_EQ(stock.port, 9000);
    const BackendRef& outside = read_back->reachable_backends->at(1);
    EXPECT_EQ(outside.kind, "MeshExternalService");
    EXPECT_THAT(outside.labels, ElementsAre(Pair("tier", "outside")));
    EXPECT_FALSE(outside.port);
  }
}

TEST(ReadDataplane, TellsAbsentReachableBackendsFromEmptyOnes) {
  const auto backends = [](std::string_view rest) {
    return read(fmt::format("{{type: Dataplane, name: d, networking: {{address: 10.0.0.1, gateway: {{}}, "
                            "transparentProxying: {{{}}}}}}}",
                            rest))
        .dataplanes.at(0)
        .transparent_proxying->reachable_backends;
  };
  EXPECT_EQ(backends("").has_value(), false);
  EXPECT_EQ(backends("reachableBackends: null").has_value(), false);
  EXPECT_THAT(backends("reachableBackends: {}"), Optional(IsEmpty()));
  EXPECT_THAT(backends("reachableBackends: {refs: []}"), Optional(IsEmpty()));
}

TEST(ReadDataplane, TakesIpFamilyModesByNameAndNumber) {
  for (const auto& [mode, is_ipv4_only] :
       {std::pair("DualStack", false), {"IPv4", true}, {"UnSpecified", false}, {"1", false}, {"2", true}}) {
    const ResourceSet set =
        read(fmt::format("{{type: Dataplane, name: d, networking: {{address: 10.0.0.1, gateway: {{}}, "
                         "transparentProxying: {{ipFamilyMode: {}}}}}}}",
                         mode));
    EXPECT_EQ(set.dataplanes.at(0).transparent_proxying->is_ipv4_only, is_ipv4_only) << mode;
  }
}

TEST(ReadDataplane, TakesGateways) {
  for (const char* const gateway :
       {"{}", "{type: BUILTIN, tags: {kuma.io/service: edge}}", "{type: 0, tags: {kuma.io/service: edge}}"}) {
    const ResourceSet set = read(
        fmt::format("{{type: Dataplane, name: d, networking: {{address: 10.0.0.1, gateway: {}}}}}", gateway));
    EXPECT_TRUE(set.dataplanes.at(0).is_gateway) << gateway;
  }
}

TEST(ReadDataplane, TakesTheFormOfKuma3) {
  const ResourceSet set = read(
      "{type: Dataplane, name: d, labels: {app: cart}, networking: {address: 10.0.0.1, "
      "inbound: [{port: 80, protocol: http}]}}\n---\n"
      "{type: Dataplane, name: e, networking: {address: 10.0.0.1, listeners: [{port: 80}]}}\n");
  EXPECT_THAT(set.dataplanes.at(0).inbounds.at(0).tags, IsEmpty());
  EXPECT_THAT(set.dataplanes.at(1).inbounds, IsEmpty());
}

TEST(ReadMesh, ReadsTheModeOfMeshServices) {
  const auto mode = [](std::string_view rest) {
    return read(fmt::format("{{type: Mesh, name: m{}}}", rest)).meshes.at(0).mesh_services;
  };
  EXPECT_EQ(mode(""), std::nullopt);
  EXPECT_EQ(mode(", meshServices: {}"), Mesh::MeshServices::Disabled);
  EXPECT_EQ(mode(", meshServices: {mode: Everywhere}"), Mesh::MeshServices::Everywhere);
  EXPECT_EQ(mode(", mesh_services: {mode: ReachableBackends}"), Mesh::MeshServices::ReachableBackends);
  EXPECT_EQ(mode(", meshServices: {mode: 3}"), Mesh::MeshServices::Exclusive);
}

TEST(ReadMesh, ReadsItsKubernetesForm) {
  const ResourceSet set = read(
      "{apiVersion: kuma.io/v1alpha1, kind: Mesh, metadata: {name: m}, spec: {meshServices: {mode: "
      "Exclusive}}}");
  EXPECT_EQ(set.meshes.at(0).mesh_services, Mesh::MeshServices::Exclusive);
}

TEST(ReadZoneIngress, ReadsItsServices) {
  for (const char* const key : {"availableServices", "available_services"}) {
    const ResourceSet set =
        read(fmt::format("{{type: ZoneIngress, name: in, zone: west, networking: {{port: 10001}}, {}: ["
                         "{{mesh: shop, instances: 2, tags: {{kuma.io/service: stock, color: red}}}}]}}",
                         key));
    const ZoneIngress& ingress = set.zone_ingresses.at(0);
    EXPECT_EQ(ingress.zone, "west");
    ASSERT_THAT(ingress.available_services, SizeIs(1));
    EXPECT_EQ(ingress.available_services[0].mesh, "shop");
    EXPECT_THAT(ingress.available_services[0].tags,
                ElementsAre(Pair("color", "red"), Pair("kuma.io/service", "stock")));
  }
}

TEST(ReadExternalService, ReadsHostAndPort) {
  const auto service = [](std::string_view address, std::string_view rest = "") {
    const ResourceSet set =
        read(fmt::format("{{type: ExternalService, name: geo, tags: {{kuma.io/service: geo-api}}, "
                         "networking: {{address: '{}'{}}}}}",
                         address, rest));
    const ExternalService& read_back = set.external_services.at(0);
    return fmt::format("{} {} {}", read_back.host, read_back.port, read_back.has_host_name);
  };
  EXPECT_EQ(service("geo.example.org:8443"), "geo.example.org 8443 true");
  EXPECT_EQ(service("192.0.2.1:80"), "192.0.2.1 80 true");
  EXPECT_EQ(service("[2001:db8::1]:080"), "2001:db8::1 80 true");
  EXPECT_EQ(service("geo.example.org:65535", ", disableHostDNSEntry: true"), "geo.example.org 65535 false");
  EXPECT_EQ(service("geo.example.org:1", ", disable_host_dns_entry: Yes"), "geo.example.org 1 false");
  EXPECT_EQ(service("geo.example.org:1", ", disableHostDNSEntry: off"), "geo.example.org 1 true");
  EXPECT_EQ(service("geo.example.org:1", ", disableHostDNSEntry: false, disable_host_dns_entry: true"),
            "geo.example.org 1 true");
}

TEST(ReadVirtualOutbound, ReadsSelectorsTemplatesAndParameters) {
  const ResourceSet set = read(
      "type: VirtualOutbound\n"
      "mesh: shop\n"
      "name: by-color\n"
      "selectors: [{match: {kuma.io/service: '*', color: teal}}, {match: {a/b:c: d/e}}]\n"
      "conf:\n"
      "  host: \"{{.svc}}-{{.color}}.shop\"\n"
      "  port: \"{{if .p}}{{.p}}{{else}}8080{{end}}\"\n"
      "  parameters: [{name: svc, tagKey: kuma.io/service}, {name: color}, {name: p, tag_key: alt/port},\n"
      "    {name: q, tagKey: ''}]\n");
  ASSERT_THAT(set.virtual_outbounds, SizeIs(1));
  const VirtualOutbound& policy = set.virtual_outbounds[0];
  EXPECT_THAT(policy.selectors, ElementsAre(ElementsAre(Pair("color", "teal"), Pair("kuma.io/service", "*")),
                                            ElementsAre(Pair("a/b:c", "d/e"))));
  EXPECT_EQ(policy.host.text(), "{{.svc}}-{{.color}}.shop");
  EXPECT_EQ(policy.port.text(), "{{if .p}}{{.p}}{{else}}8080{{end}}");
  std::vector<std::string> parameters;
  for (const auto& [name, tag] : policy.parameters) {
    parameters.push_back(name + "=" + tag);
  }
  EXPECT_THAT(parameters, ElementsAre("svc=kuma.io/service", "color=color", "p=alt/port", "q=q"));
}

TEST(ReadVirtualOutbound, ReadsItsKubernetesForm) {
  const ResourceSet set = read(
      "{apiVersion: kuma.io/v1alpha1, kind: VirtualOutbound, mesh: shop, metadata: {name: v}, spec: {"
      "selectors: [{match: {kuma.io/service: '*'}}], conf: {host: '{{.s}}.shop', port: '80', "
      "parameters: [{name: s, tagKey: kuma.io/service}]}}}");
  EXPECT_EQ(set.virtual_outbounds.at(0).meta.mesh, "shop");
  EXPECT_EQ(set.virtual_outbounds.at(0).host.text(), "{{.s}}.shop");
}

TEST(ReadMeshGateway, ReadsItsListeners) {
  for (const char* const key : {"crossMesh", "cross_mesh"}) {
    const ResourceSet set = read(fmt::format(
        "{{type: MeshGateway, mesh: shop, name: edge, selectors: [{{match: {{kuma.io/service: edge}}}}], "
        "conf: "
        "{{listeners: [{{port: 80, protocol: HTTP, {}: true, hostname: edge.shop}}, {{port: 81}}, "
        "{{port: 82, hostname: '*'}}, {{port: 83, hostname: '*.shop'}}]}}}}",
        key));
    const MeshGateway& gateway = set.gateways.at(0);
    EXPECT_THAT(gateway.selectors, ElementsAre(ElementsAre(Pair("kuma.io/service", "edge"))));
    std::vector<std::string> listeners;
    for (const GatewayListener& listener : gateway.listeners) {
      listeners.push_back(fmt::format("{} {} {}", listener.port, listener.hostname, listener.is_cross_mesh));
    }
    EXPECT_THAT(listeners, ElementsAre("80 edge.shop true", "81  false", "82 * false", "83 *.shop false"));
  }
}

std::string backend_text(const Backend& backend) {
  std::string text = fmt::format("{}:", kind_text(backend.kind));
  for (const BackendPort& port : backend.ports) {
    text += fmt::format(" {}/{}", port.number, port.name);
  }
  for (const IpAddress& vip : backend.vips) {
    text += " " + vip.to_string();
  }
  return fmt::format("{} [{}] {}", text, fmt::join(backend.hostnames, " "), backend.has_status_addresses);
}

TEST(ReadBackends, ReadsSpecAndStatus) {
  const ResourceSet set = read(
      "type: MeshService\nname: stock\n"
      "spec:\n"
      "  state: Available\n"
      "  selector: {dataplaneTags: {kuma.io/service: stock}}\n"
      "  ports: [{name: main, port: 9000, targetPort: 9001, appProtocol: http}, {port: 9001}]\n"
      "status:\n"
      "  vips: [{ip: 241.0.0.9}, {ip: 'fd00::9'}]\n"
      "  addresses: [{hostname: stock.svc.mesh.local, origin: HostnameGenerator}, {hostname: b.c}]\n"
      "---\n"
      "type: MeshExternalService\nname: mail\n"
      "spec: {match: {type: HostnameGenerator, port: 587, protocol: tcp}, endpoints: [{address: a.b}]}\n"
      "status: {vip: {ip: 242.0.0.3}, addresses: [{hostname: mail.extsvc.mesh.local}]}\n"
      "---\n"
      "type: MeshMultiZoneService\nname: stock-all\n"
      "spec: {selector: {meshService: {matchLabels: {a: b}}}, ports: [{port: 9000, appProtocol: http}]}\n"
      "status: {vips: [{ip: 243.0.0.1}], addresses: []}\n"
      "---\n"
      "{type: MeshService, name: bare}\n"
      "---\n"
      "{type: MeshExternalService, name: bare, spec: {match: {port: 1}}, status: {vip: {}, addresses: "
      "[{}]}}\n"
      "---\n"
      "{type: MeshService, name: headless, spec: {future: field}, status: {vips: [{ip: ''}], tls: {}}}\n");
  std::vector<std::string> backends;
  std::ranges::transform(set.backends, std::back_inserter(backends), backend_text);
  EXPECT_THAT(backends,
              ElementsAre("MeshService: 9000/main 9001/ 241.0.0.9 fd00::9 [stock.svc.mesh.local b.c] true",
                          "MeshExternalService: 587/ 242.0.0.3 [mail.extsvc.mesh.local] true",
                          "MeshMultiZoneService: 9000/ 243.0.0.1 [] false", "MeshService: [] false",
                          "MeshExternalService: 1/ [] true", "MeshService: [] false"));
}

TEST(ReadBackends, TakesLongNamesThatAZoneWasAddedTo) {
  const std::string longest(63, 'a');
  EXPECT_THAT(read("{type: MeshService, name: " + longest + "}").backends, SizeIs(1));
  EXPECT_THAT(
      read("{type: MeshService, name: " + longest + ".ns, labels: {kuma.io/display-name: a}}").backends,
      SizeIs(1));
  EXPECT_THAT(read("{apiVersion: kuma.io/v1alpha1, kind: MeshService, metadata: {name: " + longest +
                   ", namespace: ns}}")
                  .backends,
              SizeIs(1));
}

TEST(ReadHostnameGenerator, ReadsSelectorAndTemplate) {
  const ResourceSet set = read(
      "{type: HostnameGenerator, name: a, spec: {selector: {meshService: {matchLabels: {color: teal}}}, "
      "template: '{{ .DisplayName }}.{{ .Zone }}.teal'}}\n---\n"
      "{type: HostnameGenerator, name: b, spec: {selector: {meshExternalService: {}, meshService: null}, "
      "template: '{{ label \"x\" }}.{{ .Name }}'}}\n---\n"
      "{apiVersion: kuma.io/v1alpha1, kind: HostnameGenerator, metadata: {name: c, namespace: kuma-system}, "
      "spec: {selector: {meshMultiZoneService: {matchLabels: {}}}, template: '{{ .Namespace }}.{{ .Mesh "
      "}}'}}\n");
  ASSERT_THAT(set.generators, SizeIs(3));
  EXPECT_EQ(set.generators[0].selects, Backend::Kind::MeshService);
  EXPECT_THAT(set.generators[0].match_labels, ElementsAre(Pair("color", "teal")));
  EXPECT_EQ(set.generators[0].name_template.text(), "{{ .DisplayName }}.{{ .Zone }}.teal");
  EXPECT_EQ(set.generators[1].selects, Backend::Kind::MeshExternalService);
  EXPECT_THAT(set.generators[1].match_labels, IsEmpty());
  EXPECT_EQ(set.generators[2].selects, Backend::Kind::MeshMultiZoneService);
  EXPECT_EQ(set.generators[2].meta.name, "c.kuma-system");
}

}  // namespace
}  // namespace meshdns::kuma
