#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "meshdns/zone_file.hpp"
#include "tests/zones/zone_of.hpp"

namespace meshdns {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string dataplane(std::string_view service) {
  return "type: Dataplane\nmesh: shop\nname: " + std::string(service) +
         "-1\nnetworking: {address: 10.0.0.1, inbound: [{port: 80, tags: {kuma.io/service: " +
         std::string(service) + "}}]}\n---\n";
}

std::string mesh_service(std::string_view name) {
  return "type: MeshService\nmesh: shop\nname: " + std::string(name) + "\nspec: {ports: [{port: 80}]}\n---\n";
}

class ZoneLoaderTest : public ::testing::Test {
 protected:
  ZoneLoaderTest() { fs::create_directory(folder_); }
  ~ZoneLoaderTest() override { fs::remove_all(folder_); }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  void write(std::string_view name, std::string_view text) const { std::ofstream(path(name)) << text; }
  std::string read(std::string_view name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // As if it had been written long ago: files that were just changed are always read again.
  void age(std::string_view name) const {
    fs::last_write_time(path(name), fs::last_write_time(path(name)) - std::chrono::hours(1));
  }

  ZoneSource source(std::string_view name) const {
    ZoneSource source;
    source.paths = {path(name)};
    source.kuma.state_path = path("state/vips.json");
    fs::create_directories(folder_ / "state");
    return source;
  }

  static Names load(ZoneLoader& loader) {
    const auto zone = loader.load();
    EXPECT_TRUE(zone) << zone.error().what;
    return zone ? names_of(*zone) : Names{};
  }

  fs::path folder_ =
      fs::path(::testing::TempDir()) / ("zone_loader_" + std::to_string(::getpid()) + "_" +
                                        ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(ZoneLoaderTest, KeepsAddressesAcrossEdits) {
  write("mesh.yaml", dataplane("cart") + dataplane("web"));
  ZoneLoader loader(source("mesh.yaml"));
  EXPECT_THAT(load(loader),
              UnorderedElementsAre(Pair("cart.mesh", "240.0.0.0"), Pair("web.mesh", "240.0.0.1")));
  write("mesh.yaml", dataplane("attic") + dataplane("web"));
  EXPECT_THAT(load(loader),
              UnorderedElementsAre(Pair("attic.mesh", "240.0.0.2"), Pair("web.mesh", "240.0.0.1")))
      << "what was freed just now is not given yet";
  write("mesh.yaml", dataplane("attic") + dataplane("barn") + dataplane("web"));
  EXPECT_THAT(load(loader), Contains(Pair("barn.mesh", "240.0.0.0"))) << "the next time it is";
}

TEST_F(ZoneLoaderTest, GivesFreedAddressesOfMeshServicesToNobody) {
  write("mesh.yaml", mesh_service("a") + mesh_service("b"));
  ZoneLoader loader(source("mesh.yaml"));
  load(loader);
  write("mesh.yaml", mesh_service("b") + mesh_service("c"));
  load(loader);
  write("mesh.yaml", mesh_service("b") + mesh_service("c") + mesh_service("d"));
  EXPECT_THAT(load(loader), UnorderedElementsAre(Pair("b.svc.mesh.local", "241.0.0.1"),
                                                 Pair("c.svc.mesh.local", "241.0.0.2"),
                                                 Pair("d.svc.mesh.local", "241.0.0.3")));
}

TEST_F(ZoneLoaderTest, KeepsAddressesAcrossRestarts) {
  write("mesh.yaml", dataplane("cart") + dataplane("web") + mesh_service("b"));
  {
    ZoneLoader loader(source("mesh.yaml"));
    load(loader);
    ASSERT_TRUE(loader.save_state());
  }
  write("mesh.yaml", dataplane("attic") + dataplane("web") + mesh_service("a") + mesh_service("b"));
  ZoneLoader loader(source("mesh.yaml"));
  EXPECT_THAT(
      load(loader),
      UnorderedElementsAre(Pair("attic.mesh", "240.0.0.2"), Pair("web.mesh", "240.0.0.1"),
                           Pair("a.svc.mesh.local", "241.0.0.1"), Pair("b.svc.mesh.local", "241.0.0.0")));
}

TEST_F(ZoneLoaderTest, WritesNothingByItselfAndNothingThatHasNotChanged) {
  write("mesh.yaml", dataplane("cart"));
  ZoneLoader loader(source("mesh.yaml"));
  load(loader);
  EXPECT_FALSE(fs::exists(path("state/vips.json")));
  ASSERT_TRUE(loader.save_state());
  EXPECT_THAT(read("state/vips.json"), HasSubstr("240.0.0.0"));
  fs::remove(path("state/vips.json"));
  load(loader);
  ASSERT_TRUE(loader.save_state());
  EXPECT_FALSE(fs::exists(path("state/vips.json")));
}

TEST_F(ZoneLoaderTest, StartsFromWhatTheControlPlaneStored) {
  write("mesh.yaml", dataplane("cart") + dataplane("web") + R"(
type: Config
name: kuma-shop-dns-vips
config: '{"0:web": {"address": "240.0.0.77", "outbounds": []}}'
)");
  ZoneLoader loader(source("mesh.yaml"));
  EXPECT_THAT(load(loader),
              UnorderedElementsAre(Pair("cart.mesh", "240.0.0.0"), Pair("web.mesh", "240.0.0.77")));
}

constexpr std::string_view kStoredWeb =
    "type: Config\nname: kuma-shop-dns-vips\nconfig: '{\"0:web\": {\"address\": \"240.0.0.77\"}}'\n---\n";

TEST_F(ZoneLoaderTest, FollowsTheControlPlaneWhenItsStoredAddressesComeLater) {
  for (const bool has_state : {false, true}) {
    write("mesh.yaml", dataplane("cart") + dataplane("web"));
    ZoneSource with = source("mesh.yaml");
    if (!has_state) {
      with.kuma.state_path.clear();
    }
    ZoneLoader loader(with);
    load(loader);
    write("mesh.yaml", dataplane("cart") + dataplane("web") + std::string(kStoredWeb));
    const auto zone = loader.load();
    ASSERT_TRUE(zone) << zone.error().what;
    EXPECT_THAT(names_of(*zone),
                UnorderedElementsAre(Pair("cart.mesh", "240.0.0.0"), Pair("web.mesh", "240.0.0.77")));
    EXPECT_THAT(zone->warnings,
                ElementsAre("'0:web' had the virtual IP 240.0.0.1; it has 240.0.0.77 now, which "
                            "the control plane stored"));
    const auto again = loader.load();
    ASSERT_TRUE(again);
    EXPECT_THAT(again->warnings, IsEmpty());
  }
}

TEST_F(ZoneLoaderTest, MovesANameFromAnAddressThatTheControlPlaneGaveToAnother) {
  write("mesh.yaml", dataplane("cart") + dataplane("web"));
  ZoneLoader loader(source("mesh.yaml"));
  load(loader);
  write("mesh.yaml", dataplane("cart") + dataplane("web") +
                         "type: Config\nname: kuma-shop-dns-vips\n"
                         "config: '{\"0:web\": {\"address\": \"240.0.0.0\"}}'\n");
  EXPECT_THAT(load(loader),
              UnorderedElementsAre(Pair("cart.mesh", "240.0.0.1"), Pair("web.mesh", "240.0.0.0")));
}

TEST_F(ZoneLoaderTest, GivesNobodyTheAddressOfAPlainRecord) {
  write("mesh.yaml",
        "records: [{name: old.mesh, ips: [240.0.0.0]}, {name: r.svc.mesh.local, ips: [241.0.0.0]}]\n"
        "---\n" +
            dataplane("cart") + mesh_service("stock"));
  ZoneLoader loader(source("mesh.yaml"));
  EXPECT_THAT(load(loader), UnorderedElementsAre(
                                Pair("old.mesh", "240.0.0.0"), Pair("r.svc.mesh.local", "241.0.0.0"),
                                Pair("cart.mesh", "240.0.0.1"), Pair("stock.svc.mesh.local", "241.0.0.1")));
}

TEST_F(ZoneLoaderTest, DoesNotReuseTheAddressOfAStatusThatIsGone) {
  write("mesh.yaml",
        "type: MeshService\nmesh: shop\nname: old\nspec: {ports: [{port: 80}]}\nstatus: {vips: [{ip: "
        "241.0.0.0}]}\n");
  ZoneLoader loader(source("mesh.yaml"));
  load(loader);
  for (int loads = 0; loads < 2; ++loads) {
    write("mesh.yaml", mesh_service("new"));
    EXPECT_THAT(load(loader), ElementsAre(Pair("new.svc.mesh.local", "241.0.0.1")));
  }
}

TEST_F(ZoneLoaderTest, StartsFromAStateAsKumaStoresItWhenItsMeshIsClear) {
  write("mesh.yaml", dataplane("cart") + dataplane("web"));
  ZoneLoader loader(source("mesh.yaml"));
  write("state/vips.json", R"({"0:web": {"address": "240.0.0.77", "outbounds": []}})");
  EXPECT_THAT(load(loader),
              UnorderedElementsAre(Pair("cart.mesh", "240.0.0.0"), Pair("web.mesh", "240.0.0.77")));

  write("mesh.yaml", dataplane("cart") +
                         "type: Dataplane\nmesh: other\nname: x\nnetworking: {address: 10.0.0.1, "
                         "inbound: [{port: 80, tags: {kuma.io/service: x}}]}\n");
  ZoneLoader unclear(source("mesh.yaml"));
  const auto zone = unclear.load();
  ASSERT_FALSE(zone);
  EXPECT_THAT(zone.error().what, HasSubstr("'mesh NAME'"));
}

TEST_F(ZoneLoaderTest, RefusesAStateThatItCannotRead) {
  write("mesh.yaml", dataplane("cart"));
  ZoneLoader loader(source("mesh.yaml"));
  write("state/vips.json", "{\n  \"broken");
  const auto zone = loader.load();
  ASSERT_FALSE(zone);
  EXPECT_THAT(zone.error().what, HasSubstr("vips.json:2:"));
}

TEST_F(ZoneLoaderTest, ReadsAFolderAgainWhenOneFileChanges) {
  fs::create_directory(folder_ / "mesh");
  write("mesh/a.yaml", dataplane("cart"));
  write("mesh/b.yaml", dataplane("web"));
  age("mesh/a.yaml");
  age("mesh/b.yaml");
  ZoneLoader loader(source("mesh"));
  load(loader);
  write("mesh/b.yaml", dataplane("site"));
  EXPECT_THAT(load(loader),
              UnorderedElementsAre(Pair("cart.mesh", "240.0.0.0"), Pair("site.mesh", "240.0.0.2")));
  fs::remove(path("mesh/a.yaml"));
  EXPECT_THAT(load(loader), UnorderedElementsAre(Pair("site.mesh", "240.0.0.2")));
}

TEST_F(ZoneLoaderTest, NamesTheFileOfEachRecordOfAFolder) {
  fs::create_directory(folder_ / "mesh");
  write("mesh/a.yaml", dataplane("cart"));
  write("mesh/b.yaml", "records: [{name: web.mesh, ips: [10.0.0.1]}]");
  ZoneLoader loader(source("mesh"));
  const auto zone = loader.load();
  ASSERT_TRUE(zone) << zone.error().what;
  ASSERT_EQ(zone->records.size(), 2U);
  EXPECT_EQ(zone->files[zone->records[0].where.file], path("mesh/a.yaml"));
  EXPECT_EQ(zone->files[zone->records[1].where.file], path("mesh/b.yaml"));
}

TEST_F(ZoneLoaderTest, FillsDataplaneTemplates) {
  write("mesh.yaml", R"(type: Dataplane
mesh: shop
name: cart-{{ host.name }}
networking:
  address: {{ ip }}
  inbound: [{port: 80, tags: {kuma.io/service: cart}}]
---
type: VirtualOutbound
mesh: shop
name: v
selectors: [{match: {kuma.io/service: "*"}}]
conf: {host: "{{.svc}}.v", port: "80", parameters: [{name: svc, tagKey: kuma.io/service}]}
)");
  ZoneSource with = source("mesh.yaml");
  with.kuma.dataplane_vars = {{"host.name", "h7"}, {"ip", "10.0.0.7"}};
  ZoneLoader loader(with);
  const auto zone = loader.load();
  ASSERT_TRUE(zone) << zone.error().what;
  EXPECT_THAT(names_of(*zone), Contains(Pair("cart.v", "240.0.0.1")));
  EXPECT_EQ(origin_of(*zone, "cart.mesh"), "Dataplane shop/cart-h7 | kuma.io/service");
}

TEST_F(ZoneLoaderTest, FillsTemplatesOfUniversalDataplanesAndOfNothingElse) {
  const auto names = [&](std::string_view text) {
    write("mesh.json", text);
    ZoneSource with = source("mesh.json");
    with.kuma.dataplane_vars = {{"s", "filled"}, {"tag", "cart"}};
    with.kuma.default_generators = false;
    ZoneLoader loader(with);
    return load(loader);
  };
  EXPECT_THAT(names(R"({type: Dataplane, mesh: m, name: a, networking: {address: 10.0.0.1,
    inbound: [{port: 80, tags: {kuma.io/service: {{tag}}}}]}})"),
              ElementsAre(Pair("cart.mesh", "240.0.0.0")));
  constexpr std::string_view kDataplane = R"({"type": "Dataplane", "mesh": "m",
    "name": "a{{s}}", "networking": {"address": "10.0.0.1", "inbound": [{"port": 80, "tags": {"kuma.io/service": "web"}}]}})";
  constexpr std::string_view kPolicy = R"({"type": "VirtualOutbound", "mesh": "m", "name": "v",
    "selectors": [{"match": {"kuma.io/service": "*"}}], "conf": {"host": "{{.s}}.v", "port": "80",
    "parameters": [{"name": "s", "tagKey": "kuma.io/service"}]}})";
  EXPECT_THAT(names(R"({"items": [)" + std::string(kDataplane) + ", " + std::string(kPolicy) + "]}"),
              UnorderedElementsAre(Pair("web.mesh", "240.0.0.0"), Pair("web.v", "240.0.0.1")));
}

TEST_F(ZoneLoaderTest, RefusesAHugeFileUnread) {
  write("mesh.yaml", dataplane("cart"));
  ZoneLoader loader(source("mesh.yaml"));
  load(loader);
  fs::resize_file(path("mesh.yaml"), (256 << 20) + 1);  // a hole, which takes no room on the disk
  const auto zone = loader.load();
  ASSERT_FALSE(zone);
  EXPECT_THAT(zone.error().what, HasSubstr("mesh.yaml: larger than 256 MiB"));
}

TEST_F(ZoneLoaderTest, LacksRemoteDocumentsUntilTheyAreGiven) {
  ZoneSource remote;
  remote.paths = {"unix:/run/kuma.sock"};
  ZoneLoader loader(remote);
  EXPECT_THAT(loader.missing(), ElementsAre("unix:/run/kuma.sock"));
  const auto before = loader.load();
  ASSERT_TRUE(before) << before.error().what;
  EXPECT_THAT(before->records, IsEmpty());
  EXPECT_THAT(before->owns,
              UnorderedElementsAre(*DomainName::parse("mesh"), *DomainName::parse("mesh.local")));

  const auto zone = loader.load_with(
      remote.paths[0],
      R"({"records":[{"name":"redis.svc.mesh.local","ips":["241.0.0.7","::ffff:f100:7"]}],"ttl":30,"extraLabels":{"mesh":"default"}})");
  ASSERT_TRUE(zone) << zone.error().what;
  EXPECT_THAT(names_of(*zone), ElementsAre(Pair("redis.svc.mesh.local", "241.0.0.7 ::ffff:241.0.0.7")));
  EXPECT_THAT(zone->extra_labels, ElementsAre(Pair("mesh", "default")));
  EXPECT_THAT(loader.missing(), IsEmpty());
}

TEST_F(ZoneLoaderTest, KeepsTheRemoteDocumentThatItHadWhenTheNextIsBad) {
  ZoneSource remote;
  remote.paths = {"unix:/run/kuma.sock"};
  ZoneLoader loader(remote);
  ASSERT_TRUE(
      loader.load_with(remote.paths[0], R"({"records":[{"name":"a.mesh","ips":["241.0.0.7"]}],"ttl":30})"));
  const auto bad =
      loader.load_with(remote.paths[0], R"({"records":[{"name":"a.mesh","ips":"241.0.0.8"}],"ttl":30})");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().what, HasSubstr("unix:/run/kuma.sock:1:"));
  EXPECT_THAT(load(loader), ElementsAre(Pair("a.mesh", "241.0.0.7")));
}

}  // namespace
}  // namespace meshdns
