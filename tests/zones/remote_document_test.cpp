// Kuma's `/dns` document from a remote source: read as Kuma's own proxy reads it.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/zone_file.hpp>

#include "tests/zones/zone_of.hpp"

namespace meshdns {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kPath = "unix:/run/kuma.sock";
constexpr std::uint32_t kDefaultTtl = 17;

Result<MeshZone> load(std::string_view document) {
  ZoneSource source;
  source.paths = {std::string(kPath)};
  source.default_ttl_seconds = kDefaultTtl;
  return ZoneLoader(source).load_with(source.paths[0], std::string(document));
}

MeshZone zone_of_remote(std::string_view document) {
  auto zone = load(document);
  EXPECT_TRUE(zone) << zone.error().what;
  return zone ? std::move(*zone) : MeshZone{};
}

std::string fault_of(std::string_view document) {
  const auto zone = load(document);
  EXPECT_FALSE(zone) << document;
  return zone ? "" : zone.error().what;
}

std::uint32_t ttl_of(std::string_view document) {
  const MeshZone zone = zone_of_remote(document);
  EXPECT_THAT(zone.warnings, IsEmpty()) << document;
  return zone.records.size() == 1 ? zone.records[0].ttl_seconds : 0;
}

TEST(RemoteDocument, MayHaveKeysThatAreNotKnownYet) {
  const MeshZone zone = zone_of_remote(
      R"({"records":[{"name":"a.mesh","ips":["241.0.0.7"],"weight":{"a":[1]}}],"ttl":30,"version":2,"items":[7]})");
  EXPECT_THAT(names_of(zone), ElementsAre(Pair("a.mesh", "241.0.0.7")));
  EXPECT_THAT(zone.warnings, IsEmpty());
}

TEST(RemoteDocument, KeepsANameWhoseAddressItCannotRead) {
  const MeshZone zone = zone_of_remote(
      R"({"records":[{"name":"a.mesh","ips":["241.0.0","241.0.0.7"]},{"name":"b.mesh","ips":[""]}],"ttl":30})");
  EXPECT_THAT(names_of(zone), UnorderedElementsAre(Pair("a.mesh", "241.0.0.7"), Pair("b.mesh", "")));
  EXPECT_THAT(zone.warnings, ElementsAre("unix:/run/kuma.sock:1:37: invalid address '241.0.0': expected an "
                                         "IPv4 or IPv6 address; skipped",
                                         "unix:/run/kuma.sock:1:85: invalid address '': expected an IPv4 or "
                                         "IPv6 address; skipped"));
}

TEST(RemoteDocument, LosesOnlyTheNameThatItCannotRead) {
  const MeshZone zone = zone_of_remote(
      R"({"records":[{"name":"a..mesh","ips":["241.0.0.6"]},{"name":"b.mesh","ips":["241.0.0.7"]}],"ttl":30})");
  EXPECT_THAT(names_of(zone), ElementsAre(Pair("b.mesh", "241.0.0.7")));
  ASSERT_EQ(zone.warnings.size(), 1U);
  EXPECT_THAT(zone.warnings[0], ::testing::StartsWith("unix:/run/kuma.sock:1:21: invalid name 'a..mesh': "));
}

TEST(RemoteDocument, HasTheDefaultTtlWithoutOneThatCanBe) {
  EXPECT_EQ(ttl_of(R"({"records":[{"name":"a.mesh","ips":[]}],"ttl":30})"), 30U);
  for (const char* rest : {"", R"(,"ttl":0)", R"(,"ttl":-1)", R"(,"ttl":null)"}) {
    EXPECT_EQ(ttl_of(R"({"records":[{"name":"a.mesh","ips":[]}])" + std::string(rest) + "}"), kDefaultTtl)
        << rest;
  }
  EXPECT_EQ(ttl_of(R"({"records":[{"name":"a.mesh","ips":[],"ttl":0}],"ttl":30})"), 30U)
      << "that of the document";
}

TEST(RemoteDocument, HasNoTtlAboveTheLimit) {
  EXPECT_EQ(ttl_of(R"({"records":[{"name":"a.mesh","ips":[]}],"ttl":86401})"), 86400U);
  EXPECT_EQ(ttl_of(R"({"records":[{"name":"a.mesh","ips":[]}],"ttl":9223372036854775807})"), 86400U);
  EXPECT_EQ(ttl_of(R"({"records":[{"name":"a.mesh","ips":[],"ttl":90000}],"ttl":30})"), 86400U);
}

TEST(RemoteDocument, TakesTheLastOfRepeatedNames) {
  EXPECT_THAT(
      names_of(zone_of_remote(
          R"({"records":[{"name":"a.mesh","ips":["241.0.0.6"]},{"name":"A.mesh","ips":["241.0.0.7"]}]})")),
      ElementsAre(Pair("a.mesh", "241.0.0.7")));
}

TEST(RemoteDocument, TakesNullForNothingAsGoDoes) {
  const MeshZone zone = zone_of_remote(
      R"({"records":[{"name":"a.mesh","ips":null},{"name":"b.mesh"}],"ttl":30,"extraLabels":null})");
  EXPECT_THAT(names_of(zone), UnorderedElementsAre(Pair("a.mesh", ""), Pair("b.mesh", "")));
  EXPECT_THAT(zone.warnings, IsEmpty());
}

TEST(RemoteDocument, IsRefusedWhenItsStructureIsAnother) {
  const std::map<std::string, std::string> cases{
      {"<html>", "1:1: the document is '<html>', expected a map with 'records'"},
      {R"({"ttl":30})", "1:1: a document without 'records', expected a list of records, which may be empty"},
      {R"({"records":{}})", "1:12: 'records' is a map, expected a list of records"},
      {R"({"records":null})", "1:2: 'records' is empty, expected a list of records"},
      {R"({"records":["a.mesh"]})",
       "1:13: an item of 'records' is text 'a.mesh', expected a map with 'name' and 'ips'"},
      {R"({"records":[{"ips":[]}]})", "1:13: a record without 'name', expected its domain name"},
      {R"({"records":[{"name":[],"ips":[]}]})", "1:21: 'name' is a list, expected a domain name"},
      {R"({"records":[{"name":"a..b","ips":"x"}]})", "1:34: 'ips' is text 'x', expected a list of addresses"},
      {R"({"records":[{"name":"a","ips":[{}]}]})",
       "1:32: an item of 'ips' is a map, expected an address (in quotes if it ends with ':')"},
      {R"({"records":[],"ttl":"30"})", "1:21: 'ttl' is text '30', expected a whole number from 1 to 86400"},
  };
  for (const auto& [document, fault] : cases) {
    EXPECT_EQ(fault_of(document), std::string(kPath) + ":" + fault) << document;
  }
}

TEST(RemoteDocument, LosesOnlyTheNameThatItCannotReadWhenItIsAFileToo) {
  const std::string longer(64, 'x');
  for (const char* begin : {R"({"records":[)", "\n{ \"records\" : [\n"}) {
    const auto zone =
        parse_mesh_zone(std::string(begin) + R"({"name":")" + longer + R"(.mesh","ips":["240.0.0.1"]},)" +
                            R"({"name":"b.mesh","ips":["241.0.0.7"]}],"ttl":30})",
                        "theirs.json", {});
    ASSERT_TRUE(zone) << zone.error().what;
    EXPECT_THAT(names_of(*zone), ElementsAre(Pair("b.mesh", "241.0.0.7")));
    EXPECT_THAT(zone->warnings,
                ElementsAre(::testing::AllOf(::testing::HasSubstr("invalid name 'xxx"),
                                             ::testing::HasSubstr("longer than 63 octets; skipped"))));
  }
  EXPECT_FALSE(parse_mesh_zone("records: [{name: " + longer + ".mesh, ips: []}]", "mesh.yaml", {}));
}

TEST(RemoteDocument, IsReadMoreLenientlyThanAFile) {
  for (const char* document :
       {R"({"records":[],"version":2})", R"({"records":[{"name":"a.mesh","ips":["241.0.0"]}]})",
        R"({"records":[],"ttl":0})", R"({"records":[{"name":"a.mesh","ips":null}]})",
        R"({"records":[{"name":"a.mesh"}]})"}) {
    EXPECT_TRUE(load(document)) << document;
    EXPECT_FALSE(parse_mesh_zone(document, "mesh.yaml", {})) << document;
  }
}

}  // namespace
}  // namespace meshdns
