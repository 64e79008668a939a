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

std::string dataplane(std::string_view name, std::string_view tags) {
  return "type: Dataplane\nmesh: shop\nname: " + std::string(name) +
         "\nnetworking:\n  address: 10.0.0.1\n  inbound: [{port: 80, tags: {" + std::string(tags) +
         "}}]\n---\n";
}

// A policy with the parameter `svc`; `rest` are further keys of the resource.
std::string policy(std::string_view name, std::string_view match, std::string_view host,
                   std::string_view port, std::string_view rest = "") {
  return "type: VirtualOutbound\nmesh: shop\nname: " + std::string(name) + "\n" + std::string(rest) +
         "\nselectors: [{match: {" + std::string(match) + "}}]\nconf:\n  host: '" + std::string(host) +
         "'\n  port: '" + std::string(port) +
         "'\n  parameters: [{name: svc, tagKey: kuma.io/service}, {name: color}, {name: p, tagKey: "
         "alt/port}]\n"
         "---\n";
}

const KumaOptions kNoServices{.service_vips = false};

TEST(VirtualOutbounds, MakeNamesOfTags) {
  const MeshZone zone = zone_of(dataplane("cart-1", "kuma.io/service: cart, color: teal, alt/port: '9001'") +
                                    policy("by-color", "kuma.io/service: '*', color: '*'",
                                           "{{.svc}}-{{.color}}.shop", "{{if .p}}{{.p}}{{else}}8080{{end}}"),
                                kNoServices);
  EXPECT_THAT(names_of(zone), ElementsAre(Pair("cart-teal.shop", "240.0.0.0")));
  EXPECT_EQ(zone.records[0].ports[0].number, 9001);
  EXPECT_EQ(origin_of(zone, "cart-teal.shop"), "Dataplane shop/cart-1 | VirtualOutbound by-color");
}

TEST(VirtualOutbounds, SkipTagsThatMakeNoName) {
  const MeshZone zone =
      zone_of(dataplane("cart-1", "kuma.io/service: cart") +
                  policy("color", "kuma.io/service: '*'", "{{.svc}}-{{.color}}.shop", "80") +
                  policy("port", "kuma.io/service: '*'", "{{.svc}}.shop", "{{.p}}"),
              kNoServices);
  EXPECT_THAT(names_of(zone), IsEmpty());
  EXPECT_THAT(zone.warnings,
              UnorderedElementsAre(HasSubstr("'cart-<no value>.shop'"), HasSubstr("'<no value>'")));
}

TEST(VirtualOutbounds, TakePortsAsGoReadsThem) {
  const MeshZone zone = zone_of(dataplane("cart-1", "kuma.io/service: cart") +
                                    policy("a", "kuma.io/service: '*'", "{{.svc}}.shop", "+02"),
                                kNoServices);
  ASSERT_EQ(zone.records.size(), 1U);
  EXPECT_EQ(zone.records[0].ports[0].number, 2);
}

TEST(VirtualOutbounds, ApplyAllThatMatch) {
  EXPECT_THAT(
      names_of(
          dataplane("cart-1", "kuma.io/service: cart, color: teal") +
              policy("a", "color: '*'", "{{.svc}}.a", "80") + policy("b", "color: teal", "{{.svc}}.b", "80") +
              policy("c", "color: blue", "{{.svc}}.c", "80") + policy("d", "shape: '*'", "{{.svc}}.d", "80"),
          kNoServices),
      ElementsAre(Pair("cart.a", "240.0.0.0"), Pair("cart.b", "240.0.0.1")));
}

std::string winner(const std::string& policies) {
  const MeshZone zone =
      zone_of(dataplane("cart-1", "kuma.io/service: cart, color: teal") + policies, kNoServices);
  EXPECT_EQ(zone.records.size(), 1U);
  EXPECT_EQ(zone.conflict_count, 1U);
  return origin_of(zone, "one.shop");
}

TEST(VirtualOutbounds, WithMoreTagsComeFirst) {
  EXPECT_THAT(winner(policy("a", "kuma.io/service: cart", "one.shop", "80") +
                     policy("b", "kuma.io/service: '*', color: '*'", "one.shop", "80")),
              HasSubstr("VirtualOutbound b"));
}

TEST(VirtualOutbounds, WithMoreExactTagsComeFirst) {
  EXPECT_THAT(winner(policy("a", "kuma.io/service: '*'", "one.shop", "80") +
                     policy("b", "kuma.io/service: cart", "one.shop", "80")),
              HasSubstr("VirtualOutbound b"));
}

TEST(VirtualOutbounds, ThatAreNewerComeFirst) {
  EXPECT_THAT(winner(policy("a", "color: '*'", "one.shop", "80", "creationTime: 2025-03-04T05:06:07Z") +
                     policy("b", "color: '*'", "one.shop", "80", "creationTime: 2025-03-04T05:06:07.5Z")),
              HasSubstr("VirtualOutbound b"));
}

TEST(VirtualOutbounds, OnSeveralPortsShareAnAddress) {
  const MeshZone zone =
      zone_of(dataplane("cart-1", "kuma.io/service: cart, color: teal") +
                  policy("a", "color: '*'", "one.shop", "8080") + policy("b", "color: '*'", "one.shop", "80"),
              kNoServices);
  ASSERT_EQ(zone.records.size(), 1U);
  ASSERT_EQ(zone.records[0].ports.size(), 2U);
  EXPECT_EQ(zone.records[0].ports[0].number, 80);
  EXPECT_EQ(zone.conflict_count, 0U);
}

TEST(VirtualOutbounds, OfTheSameTagsAreNoConflict) {
  const std::string two = dataplane("cart-1", "kuma.io/service: cart, version: '1'") +
                          dataplane("cart-2", "kuma.io/service: cart, version: '2'");
  const MeshZone zone =
      zone_of(two + policy("a", "kuma.io/service: '*'", "{{.svc}}.shop", "80"), kNoServices);
  EXPECT_EQ(zone.records.size(), 1U);
  EXPECT_EQ(zone.conflict_count, 0U) << "the version is no parameter";
}

TEST(VirtualOutbounds, OfDifferentServicesConflictAndTheFirstDataplaneByNameHasTheName) {
  const MeshZone zone =
      zone_of(dataplane("b-late", "kuma.io/service: late") + dataplane("a-early", "kuma.io/service: early") +
                  policy("a", "kuma.io/service: '*'", "one.shop", "80"),
              kNoServices);
  EXPECT_THAT(origin_of(zone, "one.shop"), HasSubstr("a-early"));
  ASSERT_EQ(zone.conflicts.size(), 1U);
  EXPECT_THAT(zone.origins[zone.conflicts[0].dropped.resource], HasSubstr("b-late"));
}

TEST(VirtualOutbounds, SeeOnlyTheServiceOfExternalServices) {
  constexpr std::string_view kExternal = R"(
type: ExternalService
mesh: shop
name: geo
tags: {kuma.io/service: geo-api, color: teal}
networking: {address: "192.0.2.1:443"}
---
)";
  EXPECT_THAT(names_of(std::string(kExternal) + policy("a", "color: '*'", "{{.svc}}.a", "80") +
                           policy("b", "kuma.io/service: '*'", "{{.svc}}.b", "80"),
                       kNoServices),
              ElementsAre(Pair("geo-api.b", "240.0.0.0")));
}

TEST(VirtualOutbounds, BeatHostsWhichBeatServices) {
  const MeshZone zone = zone_of(R"(
type: ExternalService
mesh: shop
name: geo
tags: {kuma.io/service: geo}
networking: {address: "cart.mesh:443"}
---
)" + dataplane("cart-1", "kuma.io/service: cart") +
                                policy("a", "kuma.io/service: cart", "{{.svc}}.mesh", "80"));
  EXPECT_EQ(names_of(zone).at("cart.mesh"), "240.0.0.3");
  EXPECT_THAT(origin_of(zone, "cart.mesh"), HasSubstr("VirtualOutbound a"));
  EXPECT_EQ(zone.conflict_count, 2U);
  ASSERT_EQ(zone.conflicts.size(), 2U);
  EXPECT_EQ(zone.conflicts[0].why, "same host name");
}

TEST(VirtualOutbounds, KeepUnderscoresAndFoldCase) {
  EXPECT_THAT(names_of(dataplane("cart-1", "kuma.io/service: Cart_A") +
                           policy("a", "kuma.io/service: '*'", "{{.svc}}.Shop.", "80"),
                       kNoServices),
              Contains(Pair("cart_a.shop", "240.0.0.0")));
}

}  // namespace
}  // namespace meshdns
