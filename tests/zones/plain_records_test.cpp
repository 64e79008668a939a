// The keys that say whether a name is answered for every type. The others are tested with whole files.
#include "zones/plain_records.hpp"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::zones {
namespace {

using ::testing::ElementsAre;

// Throws text::YamlFault.
MeshZone read(std::string_view yaml) {
  static constexpr std::array<std::string_view, 1> kStreamed{"records"};
  MeshZone zone;
  zone.files = {"f"};
  PlainRecords records(zone, 0, 30);
  text::read_yaml(
      yaml, kStreamed,
      {.on_item = [&](std::string_view, const text::YamlNode& item) { records.read_record(item); },
       .on_document = [&](const text::YamlNode& document) { records.read_document(document); }});
  return zone;
}

std::string fault(std::string_view yaml) {
  try {
    static_cast<void>(read(yaml));
  } catch (const text::YamlFault& fault) {
    return fmt::format("{}:{}: {}", fault.at.line, fault.at.column, fault.what);
  }
  return "no fault";
}

TEST(PlainRecords, TakeTheModeOfAName) {
  const MeshZone zone = read(
      "records:\n- {name: a.b, ips: [], mode: strict}\n- {name: c.d, ips: [], mode: overlay}\n- {name: e.f, "
      "ips: []}\n");
  ASSERT_EQ(zone.records.size(), 3U);
  EXPECT_EQ(zone.records[0].mode, NameMode::Strict);
  EXPECT_EQ(zone.records[1].mode, NameMode::Overlay);
  EXPECT_EQ(zone.records[2].mode, NameMode::BySuffix);
}

TEST(PlainRecords, RefuseOtherModes) {
  EXPECT_EQ(fault("records: [{name: a, ips: [], mode: Strict}]"),
            "1:36: 'mode' is 'Strict', expected one of: strict, overlay");
  EXPECT_EQ(fault("records: [{name: a, ips: [], mode: [strict]}]"),
            "1:36: 'mode' is a list, expected one of: strict, overlay");
}

TEST(PlainRecords, TakeSuffixesThatAreNotOwned) {
  std::vector<std::string> suffixes;
  for (const DomainName& suffix : read("records: []\noverlays: [a.mesh, B.mesh., a.mesh]\n").overlays) {
    suffixes.push_back(suffix.to_string());
  }
  EXPECT_THAT(suffixes, ElementsAre("a.mesh", "b.mesh"));
}

TEST(PlainRecords, RefuseWhatIsNoSuffix) {
  EXPECT_EQ(fault("records: []\noverlays: a.mesh\n"),
            "2:11: 'overlays' is 'a.mesh', expected a list of suffixes");
  EXPECT_EQ(fault("records: []\noverlays: [[]]\n"),
            "2:12: an item of 'overlays' is a list, expected a domain name");
  EXPECT_EQ(
      fault("records: []\noverlays: ['*.mesh']\n"),
      "2:12: invalid suffix '*.mesh': a wildcard, expected the suffix alone: it stands for all names below "
      "it");
  EXPECT_EQ(fault("records: []\noverlay: []\n"), "2:1: unknown key 'overlay', did you mean 'overlays'?");
}

}  // namespace
}  // namespace meshdns::zones
