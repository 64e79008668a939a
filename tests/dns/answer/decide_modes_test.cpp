// Strict and overlay names, and where what an owned suffix says ends.
#include <gtest/gtest.h>

#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;
using Lines = std::vector<std::string>;

const std::string kSoa = " 5 IN SOA localhost. nobody.invalid. 7 3600 1200 604800 5";

ZoneRecord with_mode(ZoneRecord record, NameMode mode) {
  record.mode = mode;
  return record;
}

class DecideModesTest : public testing::Test {
 protected:
  DecideModesTest() {
    MeshZone zone =
        mesh({"mesh", "owned.ext.mesh"},
             {record("plain.mesh", {"240.0.0.1"}),
              with_mode(record("strict.example.com", {"240.0.0.2"}, 30, {{443, "https", "tcp"}}),
                        NameMode::Strict),
              with_mode(record("*.strict.example.org", {"240.0.0.3"}), NameMode::Strict),
              with_mode(record("over.mesh", {"240.0.0.4"}, 30, {{80, "", "tcp"}}), NameMode::Overlay),
              with_mode(record("*.wild.mesh", {"240.0.0.5"}), NameMode::Overlay),
              record("x.over.mesh", {"240.0.0.6"}), record("api.ext.mesh", {"240.0.0.7"}),
              record("a.owned.ext.mesh", {"240.0.0.8"})});
    zone.overlays = {name("ext.mesh")};
    table = table_of(zone);
  }

  Lines authority(const char* qname, const char* type) {
    return ask(&table, {.name = qname, .type = type}).reply.authority;
  }

  AnswerTable table;
};

TEST_F(DecideModesTest, AStrictNameOutsideOfOwnedSuffixesIsAnsweredForEveryType) {
  EXPECT_EQ(outcome(table, "strict.example.com"), "A");
  for (const char* type : {"AAAA", "TXT", "HTTPS", "MX", "NS", "SOA", "TYPE65280"}) {
    EXPECT_EQ(outcome(table, "strict.example.com", type), "NODATA") << type;
    EXPECT_EQ(authority("Strict.Example.com", type), Lines{"Strict.Example.com." + kSoa}) << type;
  }
  EXPECT_EQ(outcome(table, "_443._tcp.strict.example.com", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "_443._tcp.strict.example.com", "TXT"), "NODATA");
}

TEST_F(DecideModesTest, OnlyTheStrictNameItselfIsOurs) {
  EXPECT_EQ(outcome(table, "below.strict.example.com"), "FORWARD");
  EXPECT_EQ(outcome(table, "_tcp.strict.example.com"), "FORWARD");
  EXPECT_EQ(outcome(table, "example.com"), "FORWARD");
}

TEST_F(DecideModesTest, AStrictWildcardMakesItsMatchesStrict) {
  EXPECT_EQ(outcome(table, "a.b.strict.example.org"), "A");
  EXPECT_EQ(outcome(table, "a.b.strict.example.org", "TXT"), "NODATA");
  EXPECT_EQ(authority("a.b.strict.example.org", "TXT"), Lines{"a.b.strict.example.org." + kSoa});
  EXPECT_EQ(outcome(table, "strict.example.org"), "FORWARD");
}

TEST_F(DecideModesTest, AnOverlayNameBelowAnOwnedSuffixHasOnlyItsAddresses) {
  EXPECT_EQ(outcome(table, "over.mesh"), "A");
  EXPECT_EQ(outcome(table, "over.mesh", "ANY"), "HINFO");
  for (const char* type : {"AAAA", "HTTPS", "SVCB"}) {
    EXPECT_EQ(outcome(table, "over.mesh", type), "NODATA") << type;
    EXPECT_EQ(authority("over.mesh", type), Lines{"over.mesh." + kSoa}) << type;
  }
  for (const char* type : {"TXT", "MX", "NS", "SOA", "TYPE65280"}) {
    EXPECT_EQ(outcome(table, "over.mesh", type), "FORWARD") << type;
    EXPECT_EQ(ask(&table, {.name = "over.mesh", .type = type}).decision.source, Source::MeshOverlay)
        << "the name exists here: " << type;
  }
}

TEST_F(DecideModesTest, BelowAnOverlayNameOnlyWhatTheZoneHasIsOurs) {
  EXPECT_EQ(outcome(table, "nobody.over.mesh"), "FORWARD");
  EXPECT_EQ(outcome(table, "a.b.over.mesh"), "FORWARD");
  EXPECT_EQ(outcome(table, "_80._tcp.over.mesh", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "_80._tcp.over.mesh", "TXT"), "FORWARD");
  EXPECT_EQ(outcome(table, "_tcp.over.mesh"), "FORWARD") << "an empty non-terminal is nobody's";
  EXPECT_EQ(outcome(table, "x.over.mesh"), "A");
  EXPECT_EQ(outcome(table, "x.over.mesh", "TXT"), "NODATA") << "a mesh name as any other";
  EXPECT_EQ(authority("x.over.mesh", "TXT"), Lines{"mesh." + kSoa});
}

TEST_F(DecideModesTest, AnOverlayWildcardForwardsOtherTypesOfItsMatches) {
  EXPECT_EQ(outcome(table, "a.wild.mesh"), "A");
  EXPECT_EQ(outcome(table, "a.wild.mesh", "TXT"), "FORWARD");
  EXPECT_EQ(outcome(table, "wild.mesh", "TXT"), "NODATA") << "the owned suffix still speaks for it";
}

TEST_F(DecideModesTest, TheLongestSuffixWins) {
  EXPECT_EQ(outcome(table, "nobody.mesh"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, "ext.mesh"), "FORWARD");
  EXPECT_EQ(outcome(table, "nobody.ext.mesh"), "FORWARD");
  EXPECT_EQ(outcome(table, "api.ext.mesh"), "A");
  EXPECT_EQ(outcome(table, "api.ext.mesh", "TXT"), "FORWARD");
  EXPECT_EQ(authority("api.ext.mesh", "AAAA"), Lines{"api.ext.mesh." + kSoa});
  EXPECT_EQ(outcome(table, "nobody.owned.ext.mesh"), "NXDOMAIN");
  EXPECT_EQ(authority("nobody.owned.ext.mesh", "A"), Lines{"owned.ext.mesh." + kSoa});
  EXPECT_EQ(outcome(table, "a.owned.ext.mesh", "TXT"), "NODATA");
}

TEST(DecideOverlays, ASuffixThatIsBothIsNotOwned) {
  MeshZone zone = mesh({"mesh"}, {});
  zone.overlays = {name("mesh")};
  EXPECT_EQ(outcome(table_of(zone), "nobody.mesh"), "FORWARD");
}

}  // namespace
}  // namespace meshdns::answer
