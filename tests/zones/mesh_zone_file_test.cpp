#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <meshdns/zone_file.hpp>

namespace meshdns {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

MeshZone parse(std::string_view text, const ZoneSource& source = {}) {
  auto zone = parse_mesh_zone(text, "zone.yaml", source);
  EXPECT_TRUE(zone) << zone.error().what;
  return zone.value_or(MeshZone{});
}

std::vector<std::string> names(const std::vector<DomainName>& list) {
  std::vector<std::string> result;
  std::ranges::transform(list, std::back_inserter(result), &DomainName::to_string);
  return result;
}

// `name ttl addresses`, then ports.
std::vector<std::string> records(const MeshZone& zone) {
  std::vector<std::string> result;
  for (const ZoneRecord& record : zone.records) {
    std::string line = fmt::format("{} {}", record.name.to_string(), record.ttl_seconds);
    for (const IpAddress& address : record.addresses) {
      line += " " + address.to_string();
    }
    for (const ZonePort& port : record.ports) {
      line += fmt::format(" {}/{}/{}", port.number, port.protocol, port.name);
    }
    result.push_back(line);
  }
  return result;
}

TEST(ParseMeshZone, ReadsADocumentOfPlainRecords) {
  const MeshZone zone = parse(
      "mesh: default\n"
      "ttl: 60\n"
      "owns: [mesh, svc.mesh.local.]\n"
      "records:\n"
      "  - name: Backend.mesh.\n"
      "    ips: [240.0.0.1, 'fd00:fd00::1']\n"
      "    ports: [8080, {port: 9090, name: admin}, {port: 53, protocol: udp}]\n"
      "  - {name: '*.shops.mesh', ips: [240.0.0.2], ttl: 5}\n"
      "  - {name: nowhere.mesh, ips: []}\n"
      "extraLabels: {zone: east, rack: 7}\n");
  EXPECT_THAT(records(zone),
              ElementsAre("backend.mesh 60 240.0.0.1 fd00:fd00::1 8080/tcp/ 9090/tcp/admin 53/udp/",
                          "*.shops.mesh 5 240.0.0.2", "nowhere.mesh 60"));
  EXPECT_THAT(names(zone.owns), ElementsAre("mesh", "svc.mesh.local"));
  EXPECT_THAT(zone.extra_labels, ElementsAre(Pair("rack", "7"), Pair("zone", "east")));
  EXPECT_THAT(zone.files, ElementsAre("zone.yaml"));
  EXPECT_THAT(zone.warnings, IsEmpty());
}

TEST(ParseMeshZone, RemembersWhereANameIsWritten) {
  const MeshZone zone = parse("records:\n  - ips: [240.0.0.1]\n    name: a.mesh\n");
  EXPECT_EQ(zone.records[0].where.file, 0U);
  EXPECT_EQ(zone.records[0].where.line, 3U);
  EXPECT_EQ(zone.records[0].where.column, 11U);
}

TEST(ParseMeshZone, ReadsTheDnsDocumentOfKumaAsItIs) {
  const MeshZone zone = parse(
      R"({"records":[{"name":"redis.svc.mesh.local","ips":["241.0.0.7","::ffff:f100:7"]}],
          "ttl":30,"extraLabels":{"mesh":"default","kuma_io_zone":"east"}})");
  EXPECT_THAT(records(zone), ElementsAre("redis.svc.mesh.local 30 241.0.0.7 ::ffff:241.0.0.7"));
  EXPECT_TRUE(zone.records[0].addresses[1].is_v6);
  EXPECT_THAT(zone.extra_labels, ElementsAre(Pair("kuma_io_zone", "east"), Pair("mesh", "default")));
}

TEST(ParseMeshZone, TakesAnEmptyListOfRecords) {
  EXPECT_THAT(parse(R"({"records":[]})").records, IsEmpty());
}

TEST(ParseMeshZone, TakesTheTtlFromRecordThenDocumentThenSource) {
  const MeshZone zone = parse(
      "records: [{name: a.mesh, ips: [], ttl: 1}, {name: b.mesh, ips: []}]\n"
      "ttl: 86400\n"
      "---\n"
      "records: [{name: c.mesh, ips: [], ttl: 7}, {name: d.mesh, ips: []}]\n",
      {.paths = {}, .owns = {}, .default_ttl_seconds = 9});
  EXPECT_THAT(records(zone), ElementsAre("a.mesh 1", "b.mesh 86400", "c.mesh 7", "d.mesh 9"));
}

TEST(ParseMeshZone, OwnsMeshUnlessSomebodySaysOtherwise) {
  const auto owns = [](std::string_view text, std::vector<DomainName> configured) {
    return names(parse(text, {.paths = {}, .owns = std::move(configured)}).owns);
  };
  const DomainName configured = *DomainName::parse("corp.mesh");
  EXPECT_THAT(owns("records: []", {}), ElementsAre("mesh"));
  EXPECT_THAT(owns("records: []\nowns: []", {}), IsEmpty());
  EXPECT_THAT(owns("records: []\nowns: []\n---\nrecords: []", {}), IsEmpty());
  EXPECT_THAT(owns("records: []", {configured}), ElementsAre("corp.mesh"));
  EXPECT_THAT(owns("records: []\nowns: []", {configured}), ElementsAre("corp.mesh"));
  EXPECT_THAT(owns("records: []\nowns: [a]\n---\nrecords: []\nowns: [b, A]", {configured}),
              ::testing::UnorderedElementsAre("a", "b", "corp.mesh"));
}

TEST(ParseMeshZone, LetsTheLastOfTwoEqualNamesWinAndSaysSo) {
  const MeshZone zone = parse(
      "records:\n"
      "  - {name: a.mesh, ips: [240.0.0.1]}\n"
      "  - {name: b.mesh, ips: [240.0.0.2]}\n"
      "  - {name: A.mesh., ips: [240.0.0.3]}\n"
      "---\n"
      "records:\n"
      "  - {name: c.mesh, ips: [240.0.0.4]}\n"
      "  - {name: a.mesh, ips: [240.0.0.5]}\n");
  EXPECT_THAT(records(zone),
              ElementsAre("a.mesh 30 240.0.0.5", "b.mesh 30 240.0.0.2", "c.mesh 30 240.0.0.4"));
  EXPECT_THAT(zone.warnings, ElementsAre("zone.yaml:4:12: name 'a.mesh' again, it replaces zone.yaml:2:12",
                                         "zone.yaml:8:12: name 'a.mesh' again, it replaces zone.yaml:4:12"));
}

TEST(ParseMeshZone, DropsRepeatedAddressesAndPortsWithAWarning) {
  const MeshZone zone = parse(
      "records:\n"
      "  - name: a.mesh\n"
      "    ips: ['fd00::1', 240.0.0.1, 'FD00:0::1']\n"
      "    ports: [80, {port: 80, protocol: udp}, {port: 80, name: http}]\n");
  EXPECT_THAT(records(zone), ElementsAre("a.mesh 30 fd00::1 240.0.0.1 80/tcp/ 80/udp/"));
  EXPECT_THAT(zone.warnings, ElementsAre("zone.yaml:3:33: address 'FD00:0::1' again, one is enough",
                                         "zone.yaml:4:44: port 80/tcp again, one is enough"));
}

TEST(ParseMeshZone, KeepsTheNumberOfWarningsBounded) {
  std::string text = "records:\n";
  for (int i = 0; i < 1000; ++i) {
    text += "- {name: a.mesh, ips: []}\n";
  }
  const MeshZone zone = parse(text);
  EXPECT_THAT(zone.records, SizeIs(1));
  EXPECT_THAT(zone.warnings, SizeIs(101));
  EXPECT_EQ(zone.warnings.back(), "more warnings of the mesh zone are not shown");
}

TEST(ParseMeshZone, TakesNamesThatYamlSeesAsNumbersOrBooleans) {
  EXPECT_THAT(records(parse("records: [{name: 80, ips: []}, {name: true, ips: []}]")),
              ElementsAre("80 30", "true 30"));
}

TEST(ParseMeshZone, ReadsDeepNamesAndEscapes) {
  EXPECT_THAT(records(parse("records: [{name: 'a\\.b.c.d.e.f.mesh', ips: []}]")),
              ElementsAre("a\\.b.c.d.e.f.mesh 30"));
}

class LoadMeshZone : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = fs::temp_directory_path() / "meshdns-zone-XXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  static std::string one(std::string_view name, int last_octet) {
    return fmt::format("records: [{{name: {}, ips: [240.0.0.{}]}}]\n", name, last_octet);
  }

  static MeshZone load(std::vector<std::string> paths) {
    auto zone = load_mesh_zone({.paths = std::move(paths), .owns = {}});
    EXPECT_TRUE(zone) << zone.error().what;
    return zone.value_or(MeshZone{});
  }

  fs::path folder_;
};

TEST_F(LoadMeshZone, ReadsSeveralFilesInTheirOrder) {
  const std::string a = write("a.yaml", one("a.mesh", 1));
  const std::string b = write("b.txt", one("a.mesh", 2));
  const MeshZone zone = load({b, a});
  EXPECT_THAT(records(zone), ElementsAre("a.mesh 30 240.0.0.1"));
  EXPECT_THAT(zone.files, ElementsAre(b, a));
  EXPECT_EQ(zone.records[0].where.file, 1U);
  EXPECT_THAT(zone.warnings,
              ElementsAre(fmt::format("{}:1:18: name 'a.mesh' again, it replaces {}:1:18", a, b)));
}

TEST_F(LoadMeshZone, ReadsTheZoneFilesOfAFolderInLexicalOrder) {
  write("c.json", R"({"records":[{"name":"c.mesh","ips":[]}]})");
  write("b.yml", one("b.mesh", 2));
  write("a.yaml", one("a.mesh", 1));
  write("notes.txt", "not a zone file");
  write(".hidden.yaml", "not: read");
  write("sub.yaml/d.yaml", "not: read");
  EXPECT_THAT(records(load({folder_})),
              ElementsAre("a.mesh 30 240.0.0.1", "b.mesh 30 240.0.0.2", "c.mesh 30"));
}

TEST_F(LoadMeshZone, ReadsAVolumeOfKubernetesOnce) {
  write("..2024_01/zone.yaml", one("a.mesh", 1));
  fs::create_symlink("..2024_01", folder_ / "..data");
  fs::create_symlink("..data/zone.yaml", folder_ / "zone.yaml");
  const MeshZone zone = load({folder_});
  EXPECT_THAT(records(zone), ElementsAre("a.mesh 30 240.0.0.1"));
  EXPECT_THAT(zone.files, ElementsAre((folder_ / "zone.yaml").string()));
  EXPECT_THAT(zone.warnings, IsEmpty());
}

TEST_F(LoadMeshZone, FailsAsAWholeWhenOneFileIsBad) {
  write("a.yaml", one("a.mesh", 1));
  const std::string bad = write("b.yaml", "records: [\n");
  const auto zone = load_mesh_zone({.paths = {folder_}, .owns = {}});
  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().code, Errc::InvalidZone);
  EXPECT_THAT(zone.error().what, StartsWith(bad + ":"));
}

TEST_F(LoadMeshZone, SaysWhyAFileCannotBeRead) {
  const auto error = [](const std::string& path) {
    const auto zone = load_mesh_zone({.paths = {path}, .owns = {}});
    return zone ? Error{} : zone.error();
  };
  const std::string missing = folder_ / "missing.yaml";
  EXPECT_EQ(error(missing).code, Errc::FileUnreadable);
  EXPECT_EQ(error(missing).what, missing + ": No such file or directory");

  EXPECT_EQ(error(folder_).code, Errc::InvalidZone);
  EXPECT_EQ(error(folder_).what,
            folder_.string() + ": no zone file in this folder, expected *.yaml, *.yml or *.json");

  EXPECT_EQ(error("/dev/zero").code, Errc::FileUnreadable);
  EXPECT_EQ(error("/dev/zero").what, "/dev/zero: not a regular file, expected a mesh zone file");

  // What a reader meets between the removal of a volume's old folder and the new link.
  fs::create_symlink("..data/zone.yaml", folder_ / "zone.yaml");
  EXPECT_EQ(error(folder_).code, Errc::FileUnreadable);
  EXPECT_EQ(error(folder_).what, (folder_ / "zone.yaml").string() + ": No such file or directory");
}

TEST_F(LoadMeshZone, SaysThatAFileIsNotPermitted) {
  if (geteuid() == 0) {
    GTEST_SKIP() << "root may read everything";
  }
  const std::string path = write("a.yaml", one("a.mesh", 1));
  fs::permissions(path, fs::perms::none);
  const auto zone = load_mesh_zone({.paths = {path}, .owns = {}});
  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().code, Errc::FileUnreadable);
  EXPECT_EQ(zone.error().what, path + ": Permission denied");
}

TEST_F(LoadMeshZone, KnowsTheBuiltinDemoZone) {
  const MeshZone zone = load({std::string(kBuiltinDemoZone)});
  EXPECT_THAT(zone.files, ElementsAre("builtin:demo"));
  EXPECT_THAT(names(zone.owns), ElementsAre("mesh"));
  EXPECT_THAT(zone.warnings, IsEmpty());
  EXPECT_THAT(records(zone), ::testing::Contains("backend.mesh 30 240.0.0.1"));
  EXPECT_EQ(records(zone), records(load({MESHDNS_ZONES_DIR "/examples/shop.yaml"})));
}

TEST_F(LoadMeshZone, ReadsEveryExample) {
  const MeshZone zone = load({MESHDNS_ZONES_DIR "/examples"});
  EXPECT_THAT(zone.warnings, IsEmpty());
  EXPECT_THAT(records(zone), ::testing::Contains("redis.svc.mesh.local 30 241.0.0.7 ::ffff:241.0.0.7"));
}

TEST_F(LoadMeshZone, MayHaveNothingToRead) {
  const MeshZone zone = load({});
  EXPECT_THAT(zone.records, IsEmpty());
  EXPECT_THAT(names(zone.owns), ElementsAre("mesh"));
}

}  // namespace
}  // namespace meshdns
