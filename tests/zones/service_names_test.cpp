// Names of kuma.io/service, ExternalServices and cross-mesh gateways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/zone_of.hpp"

namespace meshdns {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kTwoDataplanes = R"(
type: Dataplane
mesh: shop
name: web-1
networking:
  address: 10.0.0.2
  inbound: [{port: 80, tags: {kuma.io/service: web}}]
---
type: Dataplane
mesh: shop
name: cart-1
networking:
  address: 10.0.0.1
  inbound:
  - {port: 7070, tags: {kuma.io/service: redis_ns_svc_6379}}
  - {port: 7071, tags: {kuma.io/service: cart}}
)";

TEST(ServiceNames, HaveAddressesInTheOrderOfTheirNames) {
  EXPECT_THAT(names_of(kTwoDataplanes),
              UnorderedElementsAre(Pair("cart.mesh", "240.0.0.0"), Pair("web.mesh", "240.0.0.2"),
                                   Pair("redis_ns_svc_6379.mesh", "240.0.0.1"),
                                   Pair("redis.ns.svc.6379.mesh", "240.0.0.1")));
}

TEST(ServiceNames, DoNotDependOnTheOrderOfDocuments) {
  const std::string_view second = kTwoDataplanes.substr(kTwoDataplanes.find("---"));
  const std::string_view first = kTwoDataplanes.substr(0, kTwoDataplanes.find("---"));
  EXPECT_EQ(names_of(std::string(second) + "\n---" + std::string(first)), names_of(kTwoDataplanes));
}

TEST(ServiceNames, ComeFromNoIgnoredInboundAndNoReservedPort) {
  EXPECT_THAT(names_of(R"(
type: Dataplane
mesh: shop
name: a
networking:
  address: 10.0.0.1
  inbound:
  - {port: 1, state: Ignored, tags: {kuma.io/service: ignored}}
  - {port: 2, state: NotReady, tags: {kuma.io/service: not-ready}}
  - {port: 49151, tags: {kuma.io/service: reserved}}
)"),
              ElementsAre(Pair("not-ready.mesh", "240.0.0.0")));
}

TEST(ServiceNames, OfOtherZonesComeFromTheirIngresses) {
  constexpr std::string_view kIngresses = R"(
type: ZoneIngress
name: east-ingress
zone: east
networking: {address: 10.9.0.1, port: 10001, advertisedAddress: 192.0.2.1, advertisedPort: 10001}
availableServices:
- {mesh: shop, instances: 2, tags: {kuma.io/service: stock}}
- {mesh: other, instances: 2, tags: {kuma.io/service: elsewhere}}
---
type: ZoneIngress
name: our-ingress
zone: west
networking: {address: 10.9.0.2, port: 10001}
availableServices:
- {mesh: shop, instances: 1, tags: {kuma.io/service: local-only}}
)";
  EXPECT_THAT(names_of(kIngresses, {.mesh = "shop", .zone = "west"}),
              ElementsAre(Pair("stock.mesh", "240.0.0.0")));
}

// Both services belong to one Dataplane.
MeshZone zone_of_two(std::string_view a, std::string_view b) {
  return zone_of(
      "{type: Dataplane, mesh: shop, name: d, networking: {address: 10.0.0.1, inbound: [{port: 80, "
      "tags: {kuma.io/service: " +
      std::string(a) + "}}, {port: 81, tags: {kuma.io/service: " + std::string(b) + "}}]}}");
}

TEST(ServiceNames, OfOneDataplaneMayBeInConflict) {
  for (const auto& [a, b] : {std::pair("API", "api"), std::pair("a_b", "a.b")}) {
    const MeshZone zone = zone_of_two(a, b);
    ASSERT_EQ(zone.conflicts.size(), 1U) << a;
    EXPECT_EQ(zone.conflicts[0].why, "same host name");
  }
}

TEST(ServiceNames, ArePublishedAsTheyAreWrittenByWhoHasThem) {
  const MeshZone folded = zone_of_two("API", "api");
  EXPECT_EQ(folded.spelling_of(*DomainName::parse("api.mesh")), "api.mesh");
  EXPECT_THAT(folded.only_published,
              ElementsAre(Pair("API.mesh", ElementsAre(*IpAddress::parse("240.0.0.0")))));
  const MeshZone unaskable = zone_of_two("a__b", std::string(64, 'x'));
  EXPECT_THAT(unaskable.only_published,
              UnorderedElementsAre(
                  Pair("a..b.mesh", ElementsAre(*IpAddress::parse("240.0.0.0"))),
                  Pair(std::string(64, 'x') + ".mesh", ElementsAre(*IpAddress::parse("240.0.0.1")))));
  const MeshZone plain = zone_of(
      "{type: Dataplane, mesh: shop, name: d, networking: {address: 10.0.0.1, inbound: [{port: 80, tags: "
      "{kuma.io/service: API}}]}}\n---\nrecords: [{name: api.mesh, ips: [10.0.0.1]}]\n");
  EXPECT_EQ(plain.spelling_of(*DomainName::parse("api.mesh")), "api.mesh");
}

TEST(ServiceNames, FollowTheConfiguredDomain) {
  EXPECT_THAT(names_of(kTwoDataplanes, {.domain = "corp.internal"}),
              Contains(Pair("cart.corp.internal", "240.0.0.0")));
}

TEST(ServiceNames, AreNotThereWhenTheyAreSwitchedOff) {
  EXPECT_THAT(names_of(kTwoDataplanes, {.service_vips = false}), IsEmpty());
}

TEST(ServiceNames, AreNotThereInAMeshWithMeshServicesOnly) {
  const auto names =
      names_of("type: Mesh\nname: shop\nmeshServices: {mode: Exclusive}\n---" + std::string(kTwoDataplanes));
  EXPECT_THAT(names, UnorderedElementsAre(Pair("cart.svc.mesh.local", "241.0.0.0"),
                                          Pair("web.svc.mesh.local", "241.0.0.1")));
}

TEST(ServiceNames, AreMadeOfEveryMeshWithAWarning) {
  const MeshZone zone = zone_of(std::string(kTwoDataplanes) + R"(
---
type: Dataplane
mesh: alpha
name: x
networking: {address: 10.0.0.3, inbound: [{port: 80, tags: {kuma.io/service: alone}}]}
)");
  EXPECT_THAT(names_of(zone), Contains(Pair("alone.mesh", "240.0.0.0")));
  EXPECT_THAT(names_of(zone), Contains(Pair("cart.mesh", "240.0.0.0")));
  EXPECT_THAT(zone.warnings, Contains(HasSubstr("several meshes")));
}

TEST(ServiceNames, OfSeveralMeshesWarnAlsoWhenTheyComeFromIngresses) {
  constexpr std::string_view kIngress = R"(
type: ZoneIngress
name: east-ingress
zone: east
networking: {address: 10.9.0.1, port: 10001}
availableServices:
- {mesh: shop, tags: {kuma.io/service: stock}}
- {mesh: other, tags: {kuma.io/service: elsewhere}}
)";
  EXPECT_THAT(zone_of(kIngress).warnings, ElementsAre(HasSubstr("several meshes")));
}

TEST(ServiceNames, OfTheChosenMeshOnly) {
  EXPECT_THAT(names_of(kTwoDataplanes, {.mesh = "other"}), IsEmpty());
  EXPECT_THAT(zone_of(kTwoDataplanes, {.mesh = "other"}).warnings, ElementsAre(HasSubstr("'other'")));
}

TEST(ServiceNames, AreOwnedByTheMesh) {
  const MeshZone zone = zone_of(kTwoDataplanes);
  EXPECT_THAT(zone.owns, UnorderedElementsAre(*DomainName::parse("mesh"), *DomainName::parse("mesh.local")));
}

TEST(ServiceNames, SayWhatTheyWereMadeOf) {
  const MeshZone zone = zone_of(kTwoDataplanes);
  EXPECT_EQ(origin_of(zone, "redis.ns.svc.6379.mesh"), "Dataplane shop/cart-1 | kuma.io/service");
  EXPECT_EQ(zone.records.front().name.to_string(), "cart.mesh");
  EXPECT_EQ(zone.records.front().where.line, 16U);
}

constexpr std::string_view kExternal = R"(
type: ExternalService
mesh: shop
name: geo
tags: {kuma.io/service: geo-api, team: maps}
networking: {address: "geo.example.org:8443"}
)";

TEST(ExternalServices, HaveAServiceAndAHostName) {
  const MeshZone zone = zone_of(kExternal);
  EXPECT_THAT(names_of(zone),
              UnorderedElementsAre(Pair("geo-api.mesh", "240.0.0.0"), Pair("geo.example.org", "240.0.0.1")));
  for (const ZoneRecord& record : zone.records) {
    ASSERT_EQ(record.ports.size(), 2U);
    EXPECT_EQ(record.ports[0].number, 80);
    EXPECT_EQ(record.ports[1].number, 8443);
  }
}

TEST(ExternalServices, HaveNoHostNameWhenItIsDisabledOrAnAddress) {
  EXPECT_THAT(names_of(R"(
type: ExternalService
mesh: shop
name: a
tags: {kuma.io/service: a-api}
networking: {address: "a.example.org:443", disableHostDNSEntry: true}
---
type: ExternalService
mesh: shop
name: b
tags: {kuma.io/service: b-api}
networking: {address: "192.0.2.7:443"}
)"),
              UnorderedElementsAre(Pair("a-api.mesh", "240.0.0.0"), Pair("b-api.mesh", "240.0.0.1")));
}

TEST(ExternalServices, OfTheSameHostShareAnAddressAndTheFirstByNameHasThePort) {
  const MeshZone zone = zone_of(R"(
type: ExternalService
mesh: shop
name: z-first-written
tags: {kuma.io/service: late}
networking: {address: "same.example.org:443"}
---
type: ExternalService
mesh: shop
name: a-first-by-name
tags: {kuma.io/service: early}
networking: {address: "same.example.org:443"}
---
type: ExternalService
mesh: shop
name: other-port
tags: {kuma.io/service: other}
networking: {address: "same.example.org:8443"}
)");
  EXPECT_EQ(names_of(zone).at("same.example.org"), "240.0.0.3");
  ASSERT_EQ(zone.conflicts.size(), 1U);
  EXPECT_EQ(zone.conflict_count, 1U);
  EXPECT_EQ(zone.conflicts[0].name, "same.example.org");
  EXPECT_EQ(zone.conflicts[0].why, "same port 443");
  EXPECT_EQ(zone.origins[zone.conflicts[0].kept.resource], "ExternalService shop/a-first-by-name");
  EXPECT_EQ(zone.origins[zone.conflicts[0].dropped.resource], "ExternalService shop/z-first-written");
  EXPECT_EQ(zone.conflicts[0].dropped.where.line, 2U);
}

TEST(CrossMeshGateways, AreSeenFromEveryMesh) {
  constexpr std::string_view kGateway = R"(
type: MeshGateway
mesh: edge
name: front
selectors: [{match: {kuma.io/service: front}}]
conf:
  listeners:
  - {port: 8080, protocol: HTTP, crossMesh: true, hostname: shop.front.example}
  - {port: 8081, protocol: HTTP, crossMesh: true, hostname: "*"}
  - {port: 8082, protocol: HTTP, hostname: not-cross.example}
---
)";
  EXPECT_THAT(names_of(std::string(kGateway) + std::string(kTwoDataplanes), {.mesh = "shop"}),
              AllOf(Contains(Pair("shop.front.example", "240.0.0.4")),
                    Contains(Pair("internal.front.edge.mesh", "240.0.0.3")),
                    Not(Contains(Pair("not-cross.example", ::testing::_)))));
}

TEST(Addresses, HaveIpv6MappedFormsOnlyWhenAskedFor) {
  EXPECT_THAT(names_of(kTwoDataplanes, {.ipv6_mapped = true}),
              Contains(Pair("cart.mesh", "240.0.0.0 ::ffff:240.0.0.0")));
}

TEST(Addresses, ComeFromBothRangesWhenThereAreTwo) {
  KumaOptions options;
  options.service_range.ipv6 = IpRange::parse("fd00:fd00::/64");
  EXPECT_THAT(names_of(kTwoDataplanes, options), Contains(Pair("web.mesh", "240.0.0.2 fd00:fd00::2")));
  options.service_range.ipv4.reset();
  EXPECT_THAT(names_of(kTwoDataplanes, options), Contains(Pair("web.mesh", "fd00:fd00::2")));
}

TEST(Addresses, OfTwoRangesThatOverlapAreRefused) {
  const auto load = [](std::string_view services, std::string_view backends) {
    ZoneSource source;
    source.kuma.service_range.ipv4 = IpRange::parse(services);
    source.kuma.mesh_service_range.ipv4 = IpRange::parse(backends);
    return parse_mesh_zone(kTwoDataplanes, "mesh.yaml", source);
  };
  EXPECT_TRUE(load("10.0.0.0/8", "10.1.0.0/16"));
  EXPECT_FALSE(load("10.0.0.0/8", "10.0.0.0/16"));
  EXPECT_FALSE(load("10.1.0.0/16", "10.0.0.0/8"));
  const auto same_as_another = load("240.0.0.0/4", "242.0.0.0/16");
  ASSERT_FALSE(same_as_another);
  EXPECT_THAT(same_as_another.error().what, HasSubstr("242.0.0.0/16 and 242.0.0.0/8 overlap"));
}

TEST(Addresses, InsideTheRangeOfServicesThatBackendsHaveAreNotGivenToServices) {
  KumaOptions options;
  options.service_range.ipv4 = IpRange::parse("10.1.0.0/29");
  options.mesh_service_range.ipv4 = IpRange::parse("10.1.0.1/32");
  const MeshZone zone =
      zone_of(std::string(kTwoDataplanes) +
                  "---\ntype: MeshService\nmesh: shop\nname: s\nspec: {ports: [{port: 80}]}\n",
              options);
  EXPECT_THAT(names_of(zone),
              AllOf(Contains(Pair("s.svc.mesh.local", "10.1.0.1")), Contains(Pair("cart.mesh", "10.1.0.0")),
                    Contains(Pair("web.mesh", "10.1.0.3"))));
  EXPECT_EQ(zone.vips[0].used, 3U);
}

TEST(Addresses, OfAFullRangeLeaveNamesOutAndServeTheRest) {
  KumaOptions options;
  options.service_range.ipv4 = IpRange::parse("10.1.0.0/31");
  const MeshZone zone = zone_of(kTwoDataplanes, options);
  EXPECT_THAT(names_of(zone),
              UnorderedElementsAre(Pair("cart.mesh", "10.1.0.0"), Pair("redis_ns_svc_6379.mesh", "10.1.0.1"),
                                   Pair("redis.ns.svc.6379.mesh", "10.1.0.1")));
  EXPECT_THAT(zone.warnings, ElementsAre(HasSubstr("full"), HasSubstr("'web' is left out")));
  ASSERT_FALSE(zone.vips.empty());
  EXPECT_EQ(zone.vips[0].purpose, "services and hosts");
  EXPECT_EQ(zone.vips[0].mesh, "shop");
  EXPECT_EQ(zone.vips[0].used, 2U);
  EXPECT_EQ(zone.vips[0].left_out, 1U);
}

TEST(CrossMeshGateways, DoNotConflictWithThemselves) {
  EXPECT_EQ(zone_of(R"(
type: MeshGateway
mesh: edge
name: front
selectors: [{match: {kuma.io/service: front}}]
conf: {listeners: [{port: 8080, protocol: HTTP, crossMesh: true, hostname: x.front.example}]}
---
)" + std::string(kTwoDataplanes))
                .conflict_count,
            0U);
}

TEST(PlainRecords, CountMoreThanResources) {
  const MeshZone zone =
      zone_of("records: [{name: cart.mesh, ips: [10.9.9.9]}]\n---" + std::string(kTwoDataplanes));
  EXPECT_THAT(names_of(zone), Contains(Pair("cart.mesh", "10.9.9.9")));
  ASSERT_EQ(zone.conflicts.size(), 1U);
  EXPECT_EQ(zone.origins[zone.conflicts[0].dropped.resource], "Dataplane shop/cart-1");
}

}  // namespace
}  // namespace meshdns
