// Names of the mesh with a suffix of a search list behind them.
#include "dns/answer/search.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/answer/ask.hpp"
#include "tests/dns/answer/counting_new.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kSearchSoa = " 5 IN SOA localhost. nobody.invalid. 7 3600 1200 604800 5";

AnswerTable searched_table(bool is_alias) {
  return table_of(
      mesh({"mesh"},
           {record("backend.mesh", {"240.0.0.1", "240.0.0.2", "fd00::1"}, 30,
                   {{80, "http", "tcp"}, {81, "http", "tcp"}}),
            record("v4.mesh", {"240.0.0.3"}, 60), record("*.wild.mesh", {"240.0.0.4"}),
            record("api.example.org", {"240.0.0.5"}), record("single", {"240.0.0.6"}),
            record("many.mesh", many_addresses(150)), record("taken.mesh.example.com", {"240.0.0.7"})}),
      7,
      {.search = {.is_alias = is_alias, .suffixes = {name("shop.svc.cluster.local"), name("example.com")}}});
}

TEST(Search, ForwardsByDefault) {
  const AnswerTable table = table_of(mesh({"mesh"}, {record("backend.mesh", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "backend.mesh.example.com"), "FORWARD");
}

TEST(Search, MayDenyNamesWithASuffix) {
  const AnswerTable table = searched_table(false);
  for (const char* qname :
       {"backend.mesh.example.com", "Backend.Mesh.Shop.Svc.Cluster.Local", "a.wild.mesh.example.com",
        "api.example.org.example.com", "_80._tcp.backend.mesh.example.com"}) {
    for (const char* type : {"A", "AAAA", "TXT", "ANY"}) {
      EXPECT_EQ(outcome(table, qname, type), "NXDOMAIN") << qname << ' ' << type;
    }
  }
  const Asked asked = ask(&table, {.name = "backend.mesh.example.com"});
  EXPECT_EQ(asked.decision.source, Source::SearchNxDomain);
  EXPECT_THAT(asked.reply.authority, ElementsAre("mesh.example.com." + kSearchSoa));
}

TEST(Search, LeavesOtherNamesAlone) {
  for (const bool is_alias : {false, true}) {
    const AnswerTable table = searched_table(is_alias);
    for (const char* qname :
         {"absent.mesh.example.com", "mesh.example.com", "wild.mesh.example.com", "single.example.com",
          "example.com", "backend.mesh.svc.cluster.local", "backend.mesh.cluster.local",
          "backend.mesh.anexample.com", "example.com.mesh.org"}) {
      EXPECT_EQ(outcome(table, qname), "FORWARD") << qname;
    }
    EXPECT_EQ(outcome(table, "backend.mesh", "TXT"), "NODATA");
    EXPECT_EQ(outcome(table, "taken.mesh.example.com"), "A") << "the zone has the whole name";
    EXPECT_EQ(outcome(table, "backend.mesh.example.com", "AXFR"), "FORWARD");
    EXPECT_TRUE(ask(&table, {.name = "backend.mesh.example.com", .qclass = 4}).forwarded());
  }
}

TEST(Search, MayLeadToTheNameItself) {
  const AnswerTable table = searched_table(true);
  const Asked asked = ask(&table, {.name = "Backend.Mesh.Example.com"}, {.rotation = 1});
  EXPECT_EQ(asked.decision.source, Source::SearchAlias);
  EXPECT_TRUE(asked.reply.aa && asked.reply.ra);
  EXPECT_THAT(asked.reply.answer,
              ElementsAre("Backend.Mesh.Example.com. 30 IN CNAME backend.mesh.",
                          "backend.mesh. 30 IN A 240.0.0.2", "backend.mesh. 30 IN A 240.0.0.1"));
  EXPECT_THAT(asked.reply.authority, IsEmpty());
  EXPECT_THAT(
      ask(&table, {.name = "v4.mesh.shop.svc.cluster.local"}).reply.answer,
      ElementsAre("v4.mesh.shop.svc.cluster.local. 60 IN CNAME v4.mesh.", "v4.mesh. 60 IN A 240.0.0.3"));
  EXPECT_EQ(outcome(table, "backend.mesh.example.com", "AAAA"), "CNAME AAAA");
  EXPECT_EQ(outcome(table, "a.b.wild.mesh.example.com"), "CNAME A");
  EXPECT_EQ(outcome(table, "_http._tcp.backend.mesh.example.com", "SRV"), "CNAME SRV SRV");
  EXPECT_EQ(outcome(table, "backend.mesh.example.com", "CNAME"), "CNAME");
  EXPECT_EQ(outcome(table, "backend.mesh.example.com", "ANY"), "CNAME");
}

TEST(Search, SaysWhatTheNameDoesNotHaveBehindItsAlias) {
  const AnswerTable table = searched_table(true);
  for (const char* type : {"AAAA", "TXT", "HTTPS", "MX"}) {
    const Asked asked = ask(&table, {.name = "v4.mesh.example.com", .type = type});
    EXPECT_THAT(asked.reply.answer, ElementsAre("v4.mesh.example.com. 60 IN CNAME v4.mesh.")) << type;
    EXPECT_THAT(asked.reply.authority, ElementsAre("mesh." + kSearchSoa)) << type;
  }
  EXPECT_THAT(ask(&table, {.name = "api.example.org.example.com", .type = "AAAA"}).reply.authority,
              ElementsAre("api.example.org." + kSearchSoa));
  EXPECT_EQ(outcome(table, "api.example.org.example.com"), "CNAME A");
  EXPECT_EQ(outcome(table, "api.example.org.example.com", "TXT"), "FORWARD") << "others have its TXT";
}

TEST(Search, CutsWhatDoesNotFit) {
  const AnswerTable table = searched_table(true);
  const Asked asked = ask(&table, {.name = "many.mesh.example.com"}, {.rotation = 149});
  EXPECT_TRUE(asked.reply.tc);
  EXPECT_THAT(asked.reply.answer, SizeIs((512 - 12 - 27 - 23) / 16 + 1));
  EXPECT_THAT(ask(&table, {.name = "many.mesh.example.com"}, {.is_tcp = true}).reply.answer, SizeIs(151));

  const std::string label(60, 'a');
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(53, 'b') + ".mesh";
  const AnswerTable long_names = table_of(mesh({"mesh"}, {record(longest, {"240.0.0.1"})}), 7,
                                          {.search = {true, {name("example.com")}}});
  const Asked cut = ask(&long_names, {.name = longest + ".example.com"});
  EXPECT_TRUE(cut.reply.tc);
  EXPECT_THAT(cut.reply.answer, IsEmpty()) << "not even the alias fits";
  EXPECT_THAT(ask(&long_names, {.name = longest + ".example.com"}, {.is_tcp = true}).reply.answer, SizeIs(2));
}

TEST(Search, AllocatesNothing) {
  for (const bool is_alias : {false, true}) {
    const AnswerTable table = searched_table(is_alias);
    std::array<std::uint8_t, 4096> out;
    for (const char* type : {"A", "AAAA", "TXT", "SRV"}) {
      const Octets packet = make_query({.name = "backend.mesh.example.com", .type = type});
      wire::QueryView query;
      ASSERT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
      wire::ResponseWriter writer(query, out, out.size());
      const std::size_t before = allocations();
      const Decision decision = decide(query, &table, 3, writer);
      writer.finish();
      EXPECT_EQ(allocations() - before, 0U);
      EXPECT_EQ(decision.verdict, Verdict::Answered);
    }
  }
}

}  // namespace
}  // namespace meshdns::answer
