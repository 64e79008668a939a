// Names without records that have names below them: NODATA, or NXDOMAIN where that is wanted.
#include <gtest/gtest.h>

#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;

MeshZone zone_with_empty_names() {
  MeshZone zone =
      mesh({"mesh", "240.in-addr.arpa"},
           {record("a.b.mesh", {"240.0.0.1"}, 30, {{80, "", "tcp"}}), record("*.wild.mesh", {"240.0.0.2"}),
            record("deep.b.mesh", {}), record("api.shop.example.com", {"240.0.0.3"})});
  zone.overlays = {name("ext.mesh")};
  zone.records.push_back(record("x.y.ext.mesh", {"240.0.0.4"}));
  return zone;
}

TEST(DecideEnt, IsNoDataByDefault) {
  const AnswerTable table = table_of(zone_with_empty_names());
  for (const char* qname : {"b.mesh", "wild.mesh", "_tcp.a.b.mesh"}) {
    EXPECT_EQ(outcome(table, qname), "NODATA") << qname;
  }
}

TEST(DecideEnt, CanBeNxDomainWithSoa) {
  const AnswerTable table = table_of(zone_with_empty_names(), 7, {.ent_nxdomain = true});
  for (const char* type : {"A", "AAAA", "TXT", "ANY", "HTTPS"}) {
    for (const char* qname : {"b.mesh", "B.Mesh", "wild.mesh", "_tcp.a.b.mesh"}) {
      EXPECT_EQ(outcome(table, qname, type), "NXDOMAIN") << qname << ' ' << type;
    }
  }
  const Asked asked = ask(&table, {.name = "b.mesh"});
  EXPECT_EQ(asked.decision.source, Source::MeshNxDomain);
  EXPECT_TRUE(asked.reply.aa);
  EXPECT_EQ(asked.reply.authority,
            std::vector<std::string>{"mesh. 5 IN SOA localhost. nobody.invalid. 7 3600 1200 604800 5"});
}

TEST(DecideEnt, LeavesNamesWithRecordsAndThoseOfOthersAlone) {
  const AnswerTable table = table_of(zone_with_empty_names(), 7, {.ent_nxdomain = true});
  EXPECT_EQ(outcome(table, "a.b.mesh"), "A");
  EXPECT_EQ(outcome(table, "a.b.mesh", "AAAA"), "NODATA");
  EXPECT_EQ(outcome(table, "_80._tcp.a.b.mesh", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "c.wild.mesh"), "A");
  EXPECT_EQ(outcome(table, "deep.b.mesh"), "NODATA") << "the zone says that it is there";
  EXPECT_EQ(outcome(table, "mesh"), "NODATA");
  EXPECT_EQ(outcome(table, "mesh", "SOA"), "SOA");
  EXPECT_EQ(outcome(table, "absent.b.mesh"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, "1.0.0.240.in-addr.arpa", "PTR"), "PTR");
  EXPECT_EQ(outcome(table, "shop.example.com"), "FORWARD");
  EXPECT_EQ(outcome(table, "y.ext.mesh"), "FORWARD");
}

}  // namespace
}  // namespace meshdns::answer
