// What is common to all kinds: forms, names, meshes, times, lists, and what is left alone.
#include "zones/kuma/resource_reader.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/kuma/read_resources.hpp"

namespace meshdns::kuma {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

using namespace std::chrono_literals;

TEST(ReadResource, ReadsTheUniversalForm) {
  const ResourceSet set = read(
      "# exported\n"
      "---\n"
      "type: MeshService\n"
      "mesh: shop\n"
      "name: stock\n"
      "creationTime: 2025-03-04T05:06:07Z\n"
      "modificationTime: whenever\n"
      "labels: {kuma.io/zone: east, kuma.io/display-name: stock}\n"
      "spec: {ports: [{port: 9000}]}\n");
  ASSERT_THAT(set.backends, SizeIs(1));
  const Meta& meta = set.backends[0].meta;
  EXPECT_EQ(meta.mesh, "shop");
  EXPECT_EQ(meta.name, "stock");
  EXPECT_EQ(meta.object_name, "stock");
  EXPECT_EQ(meta.object_namespace, "");
  EXPECT_FALSE(meta.is_kubernetes);
  EXPECT_THAT(meta.labels, ElementsAre(Pair("kuma.io/display-name", "stock"), Pair("kuma.io/zone", "east")));
  EXPECT_EQ(meta.created, std::chrono::sys_days(std::chrono::year(2025) / 3 / 4) + 5h + 6min + 7s);
  EXPECT_EQ(meta.where.line, 3U);
  EXPECT_EQ(meta.where.column, 1U);
}

TEST(ReadResource, ReadsTheKubernetesForm) {
  const ResourceSet set = read(
      "apiVersion: kuma.io/v1alpha1\n"
      "kind: MeshService\n"
      "metadata:\n"
      "  name: stock\n"
      "  namespace: shop-ns\n"
      "  creationTimestamp: '2025-03-04T05:06:07Z'\n"
      "  labels: {kuma.io/mesh: shop}\n"
      "  annotations: {any: thing}\n"
      "spec: {ports: [{port: 9000}]}\n");
  ASSERT_THAT(set.backends, SizeIs(1));
  const Meta& meta = set.backends[0].meta;
  EXPECT_EQ(meta.mesh, "shop");
  EXPECT_EQ(meta.name, "stock.shop-ns");
  EXPECT_EQ(meta.object_name, "stock");
  EXPECT_EQ(meta.object_namespace, "shop-ns");
  EXPECT_TRUE(meta.is_kubernetes);
  EXPECT_THAT(meta.labels, ElementsAre(Pair("kuma.io/mesh", "shop")));
  EXPECT_EQ(meta.created, std::chrono::sys_days(std::chrono::year(2025) / 3 / 4) + 5h + 6min + 7s);
}

TEST(ReadResource, TakesTheMeshOfOldKindsFromTheTopAndOfNewKindsFromTheLabel) {
  constexpr std::string_view kHead = "apiVersion: kuma.io/v1alpha1\nkind: ";
  const auto mesh = [&](std::string_view kind, std::string_view rest) {
    const ResourceSet set = read(std::string(kHead) + std::string(kind) + "\n" + std::string(rest));
    return set.backends.empty() ? set.external_services.at(0).meta.mesh : set.backends.at(0).meta.mesh;
  };
  constexpr std::string_view kOld =
      "spec: {networking: {address: 'a.example:80'}, tags: {kuma.io/service: s}}\n";
  constexpr std::string_view kNew = "spec: {ports: [{port: 1}]}\n";
  EXPECT_EQ(mesh("ExternalService", "metadata: {name: s}\nmesh: shop\n" + std::string(kOld)), "shop");
  EXPECT_EQ(mesh("ExternalService", "metadata: {name: s}\n" + std::string(kOld)), "default");
  EXPECT_EQ(mesh("MeshService", "metadata: {name: s, labels: {kuma.io/mesh: shop}}\n" + std::string(kNew)),
            "shop");
  EXPECT_EQ(mesh("MeshService", "metadata: {name: s}\nmesh: shop\n" + std::string(kNew)), "default");
}

TEST(ReadResource, HasNoNamespaceInNamesOfKindsForTheWholeCluster) {
  const ResourceSet set = read(
      "{apiVersion: kuma.io/v1alpha1, kind: ExternalService, metadata: {name: geo, namespace: ns}, "
      "spec: {networking: {address: 'a.example:80'}, tags: {kuma.io/service: s}}}\n"
      "---\n"
      "{apiVersion: kuma.io/v1alpha1, kind: Mesh, metadata: {name: shop, namespace: ns}}\n"
      "---\n"
      "{apiVersion: kuma.io/v1alpha1, kind: MeshGateway, metadata: {name: edge, namespace: ns}}\n"
      "---\n"
      "{apiVersion: kuma.io/v1alpha1, kind: ZoneIngress, metadata: {name: in, namespace: ns}}\n"
      "---\n"
      "{apiVersion: kuma.io/v1alpha1, kind: Dataplane, metadata: {name: dp, namespace: ns}, "
      "spec: {networking: {address: 10.0.0.1, gateway: {}}}}\n");
  EXPECT_EQ(set.external_services.at(0).meta.name, "geo");
  EXPECT_EQ(set.meshes.at(0).meta.name, "shop");
  EXPECT_EQ(set.gateways.at(0).meta.name, "edge");
  EXPECT_EQ(set.zone_ingresses.at(0).meta.name, "in.ns");
  EXPECT_EQ(set.dataplanes.at(0).meta.name, "dp.ns");
  EXPECT_EQ(set.dataplanes.at(0).meta.mesh, "default");
}

TEST(ReadResource, PutsUniversalResourcesWithoutMeshIntoTheDefaultOne) {
  const ResourceSet set = read(
      "{type: MeshService, name: s}\n---\n{type: MeshService, name: t, mesh: ''}\n---\n"
      "{type: Mesh, name: shop, mesh: ignored}\n---\n"
      "{type: HostnameGenerator, name: g, spec: {selector: {meshService: {}}, template: x}}\n");
  EXPECT_EQ(set.backends.at(0).meta.mesh, "default");
  EXPECT_EQ(set.backends.at(1).meta.mesh, "default");
  EXPECT_EQ(set.meshes.at(0).meta.mesh, "");
  EXPECT_EQ(set.generators.at(0).meta.mesh, "");
}

TEST(ReadResource, KnowsThatNobodySetATime) {
  for (const char* const time : {"", ", creationTime: 0001-01-01T00:00:00Z", ", creationTime: null"}) {
    EXPECT_EQ(read("{type: Mesh, name: m" + std::string(time) + "}").meshes.at(0).meta.created, Time::min());
  }
}

TEST(ReadResource, ReadsTimesWithFractionAndOffset) {
  const auto time = [](std::string_view text) {
    return read("{type: Mesh, name: m, creationTime: '" + std::string(text) + "'}").meshes.at(0).meta.created;
  };
  const Time noon = std::chrono::sys_days(std::chrono::year(2024) / 2 / 29) + 12h;
  EXPECT_EQ(time("2024-02-29T12:00:00Z"), noon);
  EXPECT_EQ(time("2024-02-29T14:30:00+02:30"), noon);
  EXPECT_EQ(time("2024-02-29T04:00:00-08:00"), noon);
  EXPECT_EQ(time("2024-02-29T12:00:00.5Z"), noon + 500ms);
  EXPECT_EQ(time("2024-02-29T12:00:00.123456789Z"), noon + 123456us);
}

TEST(ReadResource, RefusesOtherTimes) {
  for (const char* const time :
       {"2025-03-04", "2025-03-04 05:06:07Z", "2025-03-04T05:06:07", "2025-13-04T05:06:07Z",
        "2025-02-29T05:06:07Z", "2025-03-04T24:06:07Z", "2025-03-04T05:60:07Z", "2025-03-04T05:06:60Z",
        "2025-03-04T05:06:07.Z", "2025-03-04T05:06:07+0200", "2025-03-04T05:06:07Zx", "yesterday", "",
        "-025-03-04T05:06:07Z", "2025-3-4T05:06:07Z", "2025-03-04T05:06:07+02:60"}) {
    EXPECT_EQ(
        fault_of("{type: Mesh, name: m, creationTime: '" + std::string(time) + "'}"),
        "1:37: creationTime is '" + std::string(time) + "', expected a time such as 2025-03-04T05:06:07Z");
  }
}

TEST(ReadResource, LeavesAloneWhatNamesDoNotDependOn) {
  const ResourceSet set = read(
      "{type: MeshTrafficPermission, name: [no, matter], spec: anything}\n---\n"
      "{type: TrafficRoute}\n---\n"
      "{apiVersion: v1, kind: Service, metadata: nothing}\n---\n"
      "{apiVersion: v1, kind: Secret, type: Opaque}\n---\n"
      "{apiVersion: apps/v1, kind: Deployment}\n---\n"
      "{apiVersion: gateway.networking.k8s.io/v1, kind: MeshService}\n---\n"
      "{apiVersion: kuma.io/v1alpha1, kind: MeshTimeout}\n");
  EXPECT_THAT(set.dataplanes, IsEmpty());
  EXPECT_THAT(set.backends, IsEmpty());
}

TEST(ReadResource, ReadsListsItemByItem) {
  const std::string mesh = "{apiVersion: kuma.io/v1alpha1, kind: Mesh, metadata: {name: a}}";
  for (const std::string& text :
       {"apiVersion: v1\nkind: List\nmetadata: {}\nitems: [" + mesh + ", " + mesh + "]\n",
        "items: [" + mesh + ", " + mesh + "]\nkind: List\napiVersion: v1\n",
        "{apiVersion: kuma.io/v1alpha1, kind: MeshList, items: [" + mesh + ", " + mesh + "]}",
        std::string(
            R"({"total": 2, "items": [{"type": "Mesh", "name": "a"}, {"type": "Mesh", "name": "a"}], )"
            R"("next": null})"),
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [" + mesh + "]}, " + mesh +
            "]}"}) {
    EXPECT_THAT(read(text).meshes, SizeIs(2)) << text;
  }
  EXPECT_THAT(read("{apiVersion: v1, kind: List, items: []}").meshes, IsEmpty());
  EXPECT_THAT(read("{total: 0, items: null}").meshes, IsEmpty());
}

TEST(ReadResource, SaysWhichItemOfAListIsAtFault) {
  EXPECT_EQ(fault_of("apiVersion: v1\nkind: List\nitems:\n"
                     "- {apiVersion: kuma.io/v1alpha1, kind: Mesh, metadata: {name: a}}\n"
                     "- apiVersion: kuma.io/v1alpha1\n"
                     "  kind: MeshExternalService\n"
                     "  metadata: {name: a}\n"
                     "  spec: {match: {port: 0}}\n"),
            "8:24: spec.match.port is 0, expected a whole number from 1 to 65535");
  for (const char* const item : {"5", "text", "[]", "{}", "{name: a}", "null"}) {
    EXPECT_EQ(fault_of("kind: List\nitems:\n- " + std::string(item) + "\n"),
              "3:3: this is no resource, expected a map with 'type', or with 'apiVersion' and 'kind'");
  }
}

TEST(ReadResource, ReadsVipsThatTheControlPlaneStored) {
  const ResourceSet set = read(
      "{type: Config, name: kuma-shop-dns-vips, config: '{\"0:a\": {}}'}\n---\n"
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: kuma-a-b-dns-vips, namespace: kuma-system}, "
      "data: {config: '{}'}}\n---\n"
      "{type: Config, name: kuma-cluster-id, config: 123}\n---\n"
      "{type: Config, name: kuma-empty-dns-vips}\n---\n"
      "{type: Config, name: kuma--dns-vips, config: '{}'}\n---\n"
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}, data: 7}\n");
  ASSERT_THAT(set.stored_vips, SizeIs(2));
  EXPECT_EQ(set.stored_vips[0].mesh, "shop");
  EXPECT_EQ(set.stored_vips[0].json, R"({"0:a": {}})");
  EXPECT_EQ(set.stored_vips[0].where.line, 1U);
  EXPECT_EQ(set.stored_vips[1].mesh, "a-b");
  EXPECT_EQ(set.stored_vips[1].json, "{}");
}

std::string example(std::string_view name) {
  std::ifstream file(std::string(MESHDNS_ZONES_DIR "/examples/").append(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ReadResource, ReadsTheExamples) {
  const ResourceSet universal = read(example("kumactl-export.yaml"));
  EXPECT_THAT(universal.meshes, SizeIs(2));
  EXPECT_THAT(universal.dataplanes, SizeIs(4));
  EXPECT_THAT(universal.zone_ingresses, SizeIs(1));
  EXPECT_THAT(universal.external_services, SizeIs(2));
  EXPECT_THAT(universal.virtual_outbounds, SizeIs(1));
  EXPECT_THAT(universal.gateways, SizeIs(1));
  EXPECT_THAT(universal.backends, SizeIs(4));
  EXPECT_THAT(universal.generators, SizeIs(1));
  const ResourceSet kubernetes = read(example("kubernetes.yaml"));
  EXPECT_THAT(kubernetes.meshes, SizeIs(1));
  EXPECT_THAT(kubernetes.dataplanes, SizeIs(1));
  EXPECT_THAT(kubernetes.virtual_outbounds, SizeIs(1));
  EXPECT_THAT(kubernetes.backends, SizeIs(2));
  EXPECT_THAT(kubernetes.generators, SizeIs(1));
  EXPECT_THAT(kubernetes.stored_vips, SizeIs(1));
}

TEST(IsResource, GoesByTheKeysThatNameAKind) {
  const auto is = [](std::string_view yaml) {
    bool result = false;
    text::read_yaml(yaml, {}, {.on_item = {}, .on_document = [&](const text::YamlNode& document) {
                                 result = is_resource(document);
                               }});
    return result;
  };
  EXPECT_TRUE(is("type: Mesh"));
  EXPECT_TRUE(is("{apiVersion: v1, kind: Pod}"));
  EXPECT_TRUE(is("{total: 0, items: []}"));
  EXPECT_FALSE(is("records: []"));
  EXPECT_FALSE(is("{type: x, records: []}"));
  EXPECT_FALSE(is("{name: x}"));
  EXPECT_FALSE(is("[type]"));
  EXPECT_FALSE(is("type"));
}

}  // namespace
}  // namespace meshdns::kuma
