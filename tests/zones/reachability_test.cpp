// Which names one Dataplane sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/zone_of.hpp"

namespace meshdns {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Two services, one of them with a VirtualOutbound name too, and two MeshServices.
std::string mesh(std::string_view transparent_proxying, std::string_view mode = "Disabled") {
  return "type: Mesh\nname: shop\nmeshServices: {mode: " + std::string(mode) + R"(}
---
type: Dataplane
mesh: shop
name: client
networking:
  address: 10.0.0.9
  inbound: [{port: 80, tags: {kuma.io/service: web}}]
)" + std::string(transparent_proxying) +
         R"(
---
type: Dataplane
mesh: shop
name: cart-1
networking: {address: 10.0.0.1, inbound: [{port: 80, tags: {kuma.io/service: cart}}]}
---
type: VirtualOutbound
mesh: shop
name: v
selectors: [{match: {kuma.io/service: cart}}]
conf: {host: "{{.svc}}.v", port: "80", parameters: [{name: svc, tagKey: kuma.io/service}]}
---
type: MeshService
mesh: shop
name: stock
labels: {tier: back}
spec: {ports: [{port: 9000}]}
---
type: MeshService
mesh: shop
name: mail
labels: {tier: front}
spec: {ports: [{port: 9000}]}
)";
}

std::vector<std::string> seen(const std::string& text) {
  KumaOptions options;
  options.dataplane = "client";
  std::vector<std::string> names;
  for (const auto& [name, addresses] : names_of(text, options)) {
    names.push_back(name);
  }
  return names;
}

constexpr std::string_view kTp = "  transparentProxying:\n    redirectPortOutbound: 15001\n";

TEST(Reachability, IsEverythingWithoutALimit) {
  EXPECT_THAT(seen(mesh(kTp)), UnorderedElementsAre("web.mesh", "cart.mesh", "cart.v", "stock.svc.mesh.local",
                                                    "mail.svc.mesh.local"));
}

TEST(Reachability, IsNothingWithoutTransparentProxying) {
  EXPECT_THAT(seen(mesh("")), IsEmpty());
}

TEST(Reachability, OfServicesKeepsNoBackends) {
  EXPECT_THAT(seen(mesh(std::string(kTp) + "    reachableServices: [cart]\n")),
              UnorderedElementsAre("cart.mesh", "cart.v"));
}

TEST(Reachability, OfBackendsKeepsAllServices) {
  EXPECT_THAT(
      seen(mesh(std::string(kTp) + "    reachableBackends: {refs: [{kind: MeshService, name: stock}]}\n")),
      UnorderedElementsAre("web.mesh", "cart.mesh", "cart.v", "stock.svc.mesh.local"));
  EXPECT_THAT(seen(mesh(std::string(kTp) +
                        "    reachableBackends: {refs: [{kind: MeshService, labels: {tier: front}}]}\n")),
              UnorderedElementsAre("web.mesh", "cart.mesh", "cart.v", "mail.svc.mesh.local"));
}

TEST(Reachability, OfBackendsKnowsTheLabelsThatTheControlPlaneAdds) {
  for (const char* label : {"kuma.io/display-name: mail", "kuma.io/display-name: mail, kuma.io/zone: default",
                            "kuma.io/display-name: mail, kuma.io/mesh: shop"}) {
    EXPECT_THAT(seen(mesh(std::string(kTp) + "    reachableBackends: {refs: [{kind: MeshService, labels: {" +
                          label + "}}]}\n")),
                UnorderedElementsAre("web.mesh", "cart.mesh", "cart.v", "mail.svc.mesh.local"));
  }
}

TEST(Reachability, OfNoBackendsKeepsNone) {
  EXPECT_THAT(seen(mesh(std::string(kTp) + "    reachableBackends: {}\n")),
              UnorderedElementsAre("web.mesh", "cart.mesh", "cart.v"));
}

TEST(Reachability, OfBothKeepsWhatIsListed) {
  EXPECT_THAT(seen(mesh(std::string(kTp) +
                        "    reachableServices: [web]\n"
                        "    reachableBackends: {refs: [{kind: MeshService, name: stock, port: 9000}]}\n")),
              UnorderedElementsAre("web.mesh", "stock.svc.mesh.local"));
}

TEST(Reachability, OfAPortNeedsThatPort) {
  EXPECT_THAT(seen(mesh(std::string(kTp) +
                        "    reachableBackends: {refs: [{kind: MeshService, name: stock, port: 9001}]}\n")),
              UnorderedElementsAre("web.mesh", "cart.mesh", "cart.v"));
}

TEST(Reachability, InAMeshOfReachableBackendsIsWhatIsListed) {
  EXPECT_THAT(seen(mesh(kTp, "ReachableBackends")), UnorderedElementsAre("web.mesh", "cart.mesh", "cart.v"));
}

TEST(Reachability, DoesNotMoveAddresses) {
  KumaOptions options;
  options.dataplane = "client";
  const std::string text = mesh(std::string(kTp) + "    reachableServices: [web]\n");
  EXPECT_EQ(names_of(text, options).at("web.mesh"), names_of(text).at("web.mesh"));
}

TEST(Reachability, OfADataplaneThatIsNotThereIsAnError) {
  ZoneSource source;
  source.kuma.dataplane = "nobody";
  const auto zone = parse_mesh_zone(mesh(kTp), "mesh.yaml", source);
  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().code, Errc::InvalidZone);
  EXPECT_THAT(zone.error().what, HasSubstr("no Dataplane 'nobody'"));
}

TEST(Reachability, OfAnIpv4DataplaneHasNoMappedAddresses) {
  KumaOptions options{.dataplane = "client", .ipv6_mapped = true};
  EXPECT_EQ(names_of(mesh(kTp), options).at("web.mesh"), "240.0.0.1 ::ffff:240.0.0.1");
  EXPECT_EQ(names_of(mesh(std::string(kTp) + "    ipFamilyMode: IPv4\n"), options).at("web.mesh"),
            "240.0.0.1");
}

}  // namespace
}  // namespace meshdns
