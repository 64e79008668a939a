// Names of MeshServices, MeshExternalServices and MeshMultiZoneServices.
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/zone_of.hpp"

namespace meshdns {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string mesh_service(std::string_view name, std::string_view rest = "", std::string_view labels = "") {
  return "type: MeshService\nmesh: shop\nname: " + std::string(name) + "\nlabels: {" + std::string(labels) +
         "}\nspec: {ports: [{name: main, port: 9000}, {port: 9001}]}\n" + std::string(rest) + "\n---\n";
}

std::string generator(std::string_view name, std::string_view labels, std::string_view text,
                      std::string_view rest = "") {
  return "type: HostnameGenerator\nname: " + std::string(name) + "\n" + std::string(rest) +
         "\nspec:\n  selector: {meshService: {matchLabels: {" + std::string(labels) + "}}}\n  template: '" +
         std::string(text) + "'\n---\n";
}

TEST(BackendNames, ComeFromTheDefaultGenerators) {
  const MeshZone zone = zone_of(mesh_service("stock") + R"(
type: MeshExternalService
mesh: shop
name: mail
spec: {match: {type: HostnameGenerator, port: 587, protocol: tcp}, endpoints: [{address: smtp.example.net, port: 587}]}
---
type: MeshMultiZoneService
mesh: shop
name: stock-all
spec: {selector: {meshService: {matchLabels: {kuma.io/display-name: stock}}}, ports: [{port: 9000}]}
)");
  EXPECT_THAT(names_of(zone), UnorderedElementsAre(Pair("stock.svc.mesh.local", "241.0.0.0"),
                                                   Pair("mail.extsvc.mesh.local", "242.0.0.0"),
                                                   Pair("stock-all.mzsvc.mesh.local", "243.0.0.0")));
  EXPECT_EQ(origin_of(zone, "stock.svc.mesh.local"),
            "MeshService shop/stock | HostnameGenerator local-universal-mesh-service");
  const auto& ports = zone.records[0].ports;
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0].number, 9000);
  EXPECT_EQ(ports[0].name, "main");
}

TEST(BackendNames, OfSyncedServicesCarryTheirZone) {
  EXPECT_THAT(
      names_of(
          mesh_service("a-hash", "",
                       "kuma.io/display-name: a, kuma.io/origin: global, kuma.io/zone: east, "
                       "kuma.io/env: universal") +
          mesh_service("b-hash", "",
                       "kuma.io/display-name: b, kuma.io/origin: global, kuma.io/zone: west, kuma.io/env: "
                       "kubernetes, k8s.kuma.io/namespace: blue, k8s.kuma.io/is-headless-service: 'false'")),
      UnorderedElementsAre(Pair("a.svc.east.mesh.local", "241.0.0.0"),
                           Pair("b.blue.svc.west.mesh.local", "241.0.0.1")));
}

TEST(BackendNames, HaveNoDefaultsWhenTheyAreSwitchedOff) {
  EXPECT_THAT(names_of(mesh_service("stock"), {.default_generators = false}), IsEmpty());
}

TEST(BackendNames, FollowAWrittenGeneratorInPlaceOfTheDefaultOfItsName) {
  EXPECT_THAT(names_of(mesh_service("stock") + generator("local-universal-mesh-service", "",
                                                         "{{ .Name }}.{{ .Mesh }}.{{ .Zone }}.teal"),
                       {.zone = "west"}),
              ElementsAre(Pair("stock.shop.west.teal", "241.0.0.0")));
}

TEST(BackendNames, OfSeveralGeneratorsShareAnAddress) {
  EXPECT_THAT(
      names_of(mesh_service("stock", "", "color: teal") +
               generator("teal", "color: teal", "{{ label \"color\" }}.{{ .DisplayName }}.teal")),
      UnorderedElementsAre(Pair("stock.svc.mesh.local", "241.0.0.0"), Pair("teal.stock.teal", "241.0.0.0")));
}

TEST(BackendNames, OfTheSameNameGoToTheOlderResource) {
  const MeshZone zone =
      zone_of(mesh_service("a-young", "creationTime: 2025-03-04T05:06:08Z", "color: teal") +
                  mesh_service("b-old", "creationTime: 2025-03-04T05:06:07Z", "color: teal") +
                  generator("teal", "color: teal", "{{ label \"color\" }}.teal"),
              {.default_generators = false});
  EXPECT_THAT(names_of(zone), ElementsAre(Pair("teal.teal", "241.0.0.1")));
  ASSERT_EQ(zone.conflicts.size(), 1U);
  EXPECT_EQ(zone.origins[zone.conflicts[0].kept.resource], "MeshService shop/b-old");
  EXPECT_EQ(zone.origins[zone.conflicts[0].dropped.resource], "MeshService shop/a-young");
}

TEST(BackendNames, FollowGeneratorsOfTheZoneFirstAndThenTheOldest) {
  const auto winner = [](const std::string& generators) {
    const MeshZone zone =
        zone_of(mesh_service("a", "", "which: a") + mesh_service("b", "", "which: b") + generators,
                {.default_generators = false});
    return origin_of(zone, "one.teal");
  };
  EXPECT_THAT(winner(generator("x", "which: a", "one.teal", "labels: {kuma.io/origin: global}") +
                     generator("y", "which: b", "one.teal", "labels: {kuma.io/origin: zone}")),
              HasSubstr("HostnameGenerator y"));
  EXPECT_THAT(winner(generator("x", "which: a", "one.teal", "creationTime: 2025-03-04T05:06:08Z") +
                     generator("y", "which: b", "one.teal", "creationTime: 2025-03-04T05:06:07Z")),
              HasSubstr("HostnameGenerator y"));
  EXPECT_THAT(winner(generator("y", "which: a", "one.teal") + generator("x", "which: b", "one.teal")),
              HasSubstr("HostnameGenerator x"));
}

TEST(BackendNames, ThatAreNoHostNamesAreLeftOut) {
  const MeshZone zone = zone_of(mesh_service("stock", "", "color: Teal_Green") +
                                    generator("g", "", "{{ label \"color\" }}.teal") +
                                    generator("h", "", "{{ label \"shape\" }}.teal"),
                                {.default_generators = false});
  EXPECT_THAT(names_of(zone), IsEmpty());
  EXPECT_THAT(zone.warnings, UnorderedElementsAre(HasSubstr("'Teal_Green.teal'"), HasSubstr("shape")));
}

TEST(BackendNames, AndAddressesOfTheStatusAreUsedAsTheyAre) {
  constexpr std::string_view kStatus =
      "status: {vips: [{ip: 241.0.0.9}, {ip: 'fd00::9'}], addresses: [{hostname: stock.elsewhere.local}]}";
  const std::string text = mesh_service("stock", kStatus) + mesh_service("fresh");
  EXPECT_THAT(names_of(text), UnorderedElementsAre(Pair("stock.elsewhere.local", "241.0.0.9"),
                                                   Pair("fresh.svc.mesh.local", "241.0.0.0")));
  EXPECT_THAT(names_of(text, {.prefer_computed = true}),
              UnorderedElementsAre(Pair("stock.svc.mesh.local", "241.0.0.9"),
                                   Pair("fresh.svc.mesh.local", "241.0.0.0")));
}

TEST(BackendNames, AddressesOfAStatusAreGivenToNobodyElse) {
  EXPECT_THAT(
      names_of(mesh_service("a") + mesh_service("b") +
               mesh_service("z", "status: {vips: [{ip: 241.0.0.0}]}")),
      UnorderedElementsAre(Pair("a.svc.mesh.local", "241.0.0.1"), Pair("b.svc.mesh.local", "241.0.0.2"),
                           Pair("z.svc.mesh.local", "241.0.0.0")));
}

TEST(BackendNames, OfKubernetesServicesNeedTheirClusterIp) {
  const auto text = [](std::string_view status) {
    return R"(
apiVersion: kuma.io/v1alpha1
kind: MeshService
metadata: {name: stock, namespace: shop-ns, labels: {kuma.io/mesh: shop}}
spec: {ports: [{port: 9000}]}
)" + std::string(status) +
           "\n---\n" + generator("all", "", "{{ .Name }}.{{ .Namespace }}.teal");
  };
  EXPECT_THAT(names_of(text("status: {vips: [{ip: 10.96.0.7}]}")),
              ElementsAre(Pair("stock.shop-ns.teal", "10.96.0.7")));
  const MeshZone zone = zone_of(text(""));
  EXPECT_THAT(names_of(zone), IsEmpty());
  EXPECT_THAT(zone.warnings, Contains(HasSubstr("no virtual IP")));
}

TEST(GeneratedMeshServices, AreMadeWhereAMeshHasThem) {
  const auto names = [](std::string_view mode) {
    return names_of("type: Mesh\nname: shop\nmeshServices: {mode: " + std::string(mode) + R"(}
---
type: Dataplane
mesh: shop
name: cart-1
networking:
  address: 10.0.0.1
  inbound:
  - {port: 7070, tags: {kuma.io/service: cart}}
  - {port: 7071, tags: {kuma.io/service: not_a_label}}
)",
                    {.service_vips = false});
  };
  EXPECT_THAT(names("Disabled"), IsEmpty());
  EXPECT_THAT(names("Everywhere"), ElementsAre(Pair("cart.svc.mesh.local", "241.0.0.0")));
}

TEST(GeneratedMeshServices, HaveThePortsOfTheOldestDataplane) {
  const auto dataplane = [](std::string_view name, std::string_view created, std::string_view port) {
    return "---\ntype: Dataplane\nmesh: shop\nname: " + std::string(name) +
           "\ncreationTime: " + std::string(created) +
           "\nnetworking: {address: 10.0.0.1, inbound: [{port: " + std::string(port) +
           ", tags: {kuma.io/service: cart}}]}\n";
  };
  const MeshZone zone =
      zone_of("type: Mesh\nname: shop\nmeshServices: {mode: Exclusive}\n" +
              dataplane("a", "2025-03-04T05:06:08Z", "80") + dataplane("b", "2025-03-04T05:06:07Z", "90"));
  ASSERT_EQ(zone.records.size(), 1U);
  ASSERT_EQ(zone.records[0].ports.size(), 1U);
  EXPECT_EQ(zone.records[0].ports[0].number, 90);
}

TEST(OwnedSuffixes, AreThoseOfGeneratorsThatNobodyElseUses) {
  const MeshZone zone =
      zone_of(mesh_service("stock") + generator("a", "", "{{ .Name }}.{{ .Zone }}.teal") +
              generator("b", "", "{{ .Name }}.com") + generator("c", "", "{{ .Name }}.example.co.uk") +
              generator("d", "", "{{ .Name }}.mesh.example.org") +
              generator("e", "", "{{ .Name }}.{{ .Mesh }}.internal"));
  EXPECT_THAT(zone.owns,
              UnorderedElementsAre(*DomainName::parse("mesh"), *DomainName::parse("mesh.local"),
                                   *DomainName::parse("teal"), *DomainName::parse("mesh.example.org")));
  EXPECT_THAT(zone.warnings, UnorderedElementsAre(HasSubstr("'com'"), HasSubstr("'example.co.uk'"),
                                                  HasSubstr("'internal'")));
}

TEST(OwnedSuffixes, ComeFromNoTemplateWithoutAction) {
  const MeshZone zone = zone_of(mesh_service("stock") + generator("a", "", "login.corp.example.com") +
                                generator("b", "x: y", "col.acme"));
  EXPECT_THAT(names_of(zone), Contains(Pair("login.corp.example.com", "241.0.0.0")));
  EXPECT_THAT(zone.owns, UnorderedElementsAre(*DomainName::parse("mesh"), *DomainName::parse("mesh.local")));
}

TEST(BackendNames, MayUseTheLabelsThatTheControlPlaneAdds) {
  EXPECT_THAT(names_of(mesh_service("stock") + generator("a", "kuma.io/mesh: shop", "{{ .Name }}.a.acme") +
                       generator("b", "", "{{ label \"kuma.io/mesh\" }}.b.acme")),
              UnorderedElementsAre(Pair("stock.svc.mesh.local", "241.0.0.0"),
                                   Pair("stock.a.acme", "241.0.0.0"), Pair("shop.b.acme", "241.0.0.0")));
}

TEST(BackendNames, OfAMultiZoneServiceHaveTheLocalZone) {
  EXPECT_THAT(names_of(R"(
type: MeshMultiZoneService
mesh: shop
name: all
spec: {selector: {meshService: {matchLabels: {a: b}}}, ports: [{port: 9000}]}
---
type: HostnameGenerator
name: g
spec: {selector: {meshMultiZoneService: {}}, template: '{{ .Name }}.{{ .Zone }}.acme'}
)",
                       {.zone = "east"}),
              Contains(Pair("all.east.acme", "243.0.0.0")));
}

TEST(BackendNames, OfGeneratedServicesComeOfIgnoredInboundsToo) {
  EXPECT_THAT(names_of("{type: Mesh, name: shop, meshServices: {mode: Exclusive}}\n---\n"
                       "{type: Dataplane, mesh: shop, name: d, networking: {address: 10.0.0.1, inbound: "
                       "[{port: 80, state: Ignored, tags: {kuma.io/service: cart}}]}}\n"),
              ElementsAre(Pair("cart.svc.mesh.local", "241.0.0.0")));
}

TEST(BackendNames, WarnOnceOfATemplateThatMakesNoHostName) {
  for (const auto& [text, fault] : std::map<std::string, std::string>{
           {"{{ .Name }}.UPPER",
            "gives 'word.UPPER' if every value is 'word', expected a host name (RFC 1123)"},
           {"-bad.acme", "gives '-bad.acme' if every value is 'word', expected a host name (RFC 1123)"},
           {"{{ .Name }}.acme.",
            "gives 'word.acme.' if every value is 'word', expected a host name (RFC 1123)"}}) {
    const MeshZone zone = zone_of(generator("g", "", text));
    EXPECT_THAT(zone.warnings, ElementsAre("mesh.yaml:1:1: HostnameGenerator g: spec.template " + fault));
  }
}

TEST(BackendNames, InWarningsStayOnOneLine) {
  const MeshZone zone = zone_of(
      "{type: MeshService, mesh: \"m\\e[31m\", name: \"b\\n[ERROR] forged\", spec: {ports: [{port: 80}]}}\n");
  ASSERT_FALSE(zone.warnings.empty());
  for (const std::string& warning : zone.warnings) {
    EXPECT_EQ(warning.find_first_of("\n\x1b"), std::string::npos) << warning;
  }
  EXPECT_THAT(zone.warnings, Contains(HasSubstr("b\\x0a[ERROR] forged")));
}

TEST(OwnedSuffixes, ThatAreNamedAddUp) {
  EXPECT_THAT(zone_of(mesh_service("stock") + "records: []\nowns: [corp]\n").owns,
              UnorderedElementsAre(*DomainName::parse("corp"), *DomainName::parse("mesh"),
                                   *DomainName::parse("mesh.local")));
}

}  // namespace
}  // namespace meshdns
