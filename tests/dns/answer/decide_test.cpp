#include "dns/answer/decide.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;
using Lines = std::vector<std::string>;

const std::string kSoa = " 5 IN SOA localhost. nobody.invalid. 7 3600 1200 604800 5";

class DecideTest : public testing::Test {
 protected:
  AnswerTable table = table_of(mesh(
      {"mesh", "east.mesh"}, {record("backend.mesh", {"240.0.0.1"}, 77), record("deep.ent.mesh", {"fd00::2"}),
                              record("empty.mesh", {}), record("*.wild.mesh", {"240.0.0.3"}),
                              record("db.mesh", {"240.0.0.5"}, 45, {{5432, "pg", "tcp"}, {53, "dns", "udp"}}),
                              record("api.example.com", {"240.0.0.4"}, 30, {{443, "https", "tcp"}})}));
};

TEST_F(DecideTest, AnswersWithTheRightHeader) {
  const Asked asked = ask(&table, {.name = "BackEnd.Mesh", .id = 0x7A7A, .flags = 0x0110});
  EXPECT_EQ(asked.decision.source, Source::MeshData);
  const Reply& reply = asked.reply;
  EXPECT_EQ(reply.id, 0x7A7A);
  EXPECT_TRUE(reply.qr && reply.aa && reply.ra && reply.rd && reply.cd);
  EXPECT_FALSE(reply.tc || reply.ad);
  EXPECT_EQ(reply.rcode, "NOERROR");
  EXPECT_EQ(reply.question, "BackEnd.Mesh. IN A") << "the client's exact case";
  EXPECT_EQ(reply.answer, Lines{"BackEnd.Mesh. 77 IN A 240.0.0.1"});
  EXPECT_TRUE(reply.authority.empty() && reply.additional.empty());
  EXPECT_FALSE(reply.has_opt);
  EXPECT_FALSE(ask(&table, {.name = "backend.mesh", .flags = 0}).reply.rd);
}

TEST_F(DecideTest, AnswersAnOptWithOurOwnOnly) {
  const Octets cookie = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  for (const char* qname : {"backend.mesh", "missing.mesh", "empty.mesh"}) {
    const Reply reply =
        ask(&table, {.name = qname, .edns_size = 4096, .dnssec_ok = true, .edns_options = cookie}).reply;
    EXPECT_TRUE(reply.has_opt && reply.opt_dnssec_ok) << qname;
    EXPECT_EQ(reply.opt_size, 1232) << qname;
    EXPECT_EQ(reply.opt_options_size, 0U) << qname;
  }
  EXPECT_FALSE(ask(&table, {.name = "backend.mesh", .edns_size = 512}).reply.opt_dnssec_ok);
}

TEST_F(DecideTest, GivesEveryNegativeAnswerASoaThatFits) {
  const auto authority = [this](const char* qname) {
    return ask(&table, {.name = qname, .type = "AAAA"}).reply.authority;
  };
  EXPECT_EQ(authority("backend.mesh"), Lines{"mesh." + kSoa}) << "NODATA";
  EXPECT_EQ(authority("ent.mesh"), Lines{"mesh." + kSoa}) << "empty non-terminal";
  EXPECT_EQ(authority("empty.mesh"), Lines{"mesh." + kSoa});
  EXPECT_EQ(authority("missing.mesh"), Lines{"mesh." + kSoa}) << "NXDOMAIN";
  EXPECT_EQ(authority("a.b.Missing.MESH"), Lines{"MESH." + kSoa}) << "points into the question";
  EXPECT_EQ(authority("x.wild.mesh"), Lines{"mesh." + kSoa});
  EXPECT_EQ(authority("x.east.mesh"), Lines{"east.mesh." + kSoa}) << "the closest suffix";
  EXPECT_EQ(authority("mesh"), Lines{"mesh." + kSoa});
  EXPECT_EQ(authority("api.example.com"), Lines{"api.example.com." + kSoa}) << "overlay";
}

TEST_F(DecideTest, TellsNodataFromNxdomain) {
  const Asked nodata = ask(&table, {.name = "backend.mesh", .type = "AAAA"});
  EXPECT_EQ(nodata.decision.source, Source::MeshNoData);
  EXPECT_EQ(nodata.reply.rcode, "NOERROR");
  EXPECT_TRUE(nodata.reply.answer.empty());
  EXPECT_TRUE(nodata.reply.aa && nodata.reply.ra);
  const Asked nxdomain = ask(&table, {.name = "missing.mesh"});
  EXPECT_EQ(nxdomain.decision.source, Source::MeshNxDomain);
  EXPECT_EQ(nxdomain.reply.rcode, "NXDOMAIN");
  EXPECT_TRUE(nxdomain.reply.aa && nxdomain.reply.ra);
}

TEST_F(DecideTest, ForwardsWhatIsNotInTheMesh) {
  EXPECT_EQ(outcome(table, "example.com"), "FORWARD");
  EXPECT_EQ(outcome(table, "www.api.example.com"), "FORWARD") << "below an overlay name";
  EXPECT_EQ(outcome(table, "."), "FORWARD");
  EXPECT_TRUE(ask(nullptr, {.name = "backend.mesh"}).forwarded()) << "no mesh at all";
}

TEST_F(DecideTest, LaysOnlyAddressesOverANameOfTheOutside) {
  EXPECT_EQ(outcome(table, "api.example.com", "A"), "A");
  EXPECT_EQ(outcome(table, "api.example.com", "AAAA"), "NODATA");
  EXPECT_EQ(outcome(table, "api.example.com", "HTTPS"), "NODATA")
      << "its address hints would lead around the mesh";
  EXPECT_EQ(outcome(table, "api.example.com", "SVCB"), "NODATA");
  for (const char* type : {"TXT", "MX", "SRV", "CNAME", "SOA", "NS", "CAA", "TYPE65280"}) {
    EXPECT_EQ(outcome(table, "api.example.com", type), "FORWARD") << type;
  }
}

TEST_F(DecideTest, AnswersAnyMinimally) {
  const Asked asked = ask(&table, {.name = "backend.mesh", .type = "ANY"});
  EXPECT_EQ(asked.reply.answer, Lines{"backend.mesh. 3600 IN HINFO \"RFC8482\" \"\""});
  EXPECT_EQ(outcome(table, "mesh", "ANY"), "HINFO") << "it has SOA and NS";
  EXPECT_EQ(outcome(table, "x.wild.mesh", "ANY"), "HINFO");
  EXPECT_EQ(outcome(table, "ent.mesh", "ANY"), "NODATA") << "there is nothing";
  EXPECT_EQ(outcome(table, "empty.mesh", "ANY"), "NODATA");
  EXPECT_EQ(outcome(table, "missing.mesh", "ANY"), "NXDOMAIN");
}

TEST_F(DecideTest, AnswersSoaAndNsAtTheSuffix) {
  EXPECT_EQ(ask(&table, {.name = "mesh", .type = "SOA"}).reply.answer, Lines{"mesh." + kSoa});
  EXPECT_EQ(ask(&table, {.name = "mesh", .type = "NS"}).reply.answer, Lines{"mesh. 3600 IN NS localhost."});
  EXPECT_EQ(outcome(table, "backend.mesh", "SOA"), "NODATA");
  EXPECT_EQ(outcome(table, "backend.mesh", "NS"), "NODATA");
}

TEST_F(DecideTest, RefusesTransfers) {
  for (const char* type : {"AXFR", "IXFR"}) {
    EXPECT_EQ(outcome(table, "mesh", type), "REFUSED") << type;
    EXPECT_EQ(outcome(table, "missing.mesh", type), "REFUSED") << type;
    EXPECT_EQ(outcome(table, "example.com", type), "FORWARD") << type;
  }
  const Reply reply = ask(&table, {.name = "mesh", .type = "AXFR"}).reply;
  EXPECT_FALSE(reply.aa || reply.ra);
}

TEST_F(DecideTest, RefusesOtherClassesForNamesOfTheMesh) {
  constexpr std::uint16_t kClasses[] = {0, 2, 4, 254, 255, 65280};
  for (const std::uint16_t qclass : kClasses) {
    EXPECT_EQ(ask(&table, {.name = "backend.mesh", .qclass = qclass}).reply.rcode, "REFUSED") << qclass;
    EXPECT_EQ(ask(&table, {.name = "missing.mesh", .qclass = qclass}).reply.rcode, "REFUSED") << qclass;
    EXPECT_TRUE(ask(&table, {.name = "example.com", .qclass = qclass}).forwarded()) << qclass;
    EXPECT_TRUE(ask(&table, {.name = "4.0.0.240.in-addr.arpa", .type = "PTR", .qclass = qclass}).forwarded())
        << qclass;
  }
}

TEST_F(DecideTest, TellsItsVersionAndHostInClassChaos) {
  const Reply version = ask(nullptr, {.name = "Version.Bind", .type = "TXT", .qclass = 3}).reply;
  ASSERT_EQ(version.answer.size(), 1U);
  EXPECT_TRUE(version.answer[0].starts_with("Version.Bind. 0 CH TXT \"meshdns ")) << version.answer[0];
  EXPECT_FALSE(version.aa);
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  const Reply id = ask(&table, {.name = "id.server", .type = "TXT", .qclass = 3}).reply;
  EXPECT_EQ(id.answer, Lines{std::string("id.server. 0 CH TXT \"") + host + "\""});
  for (const char* qname : {"version.server", "hostname.bind"}) {
    EXPECT_EQ(ask(&table, {.name = qname, .type = "TXT", .qclass = 3}).reply.answer.size(), 1U) << qname;
  }
}

TEST_F(DecideTest, RefusesEverythingElseInClassChaos) {
  for (const char* qname : {"authors.bind", "backend.mesh", "example.com", "."}) {
    const Asked asked = ask(&table, {.name = qname, .type = "TXT", .qclass = 3});
    EXPECT_EQ(asked.decision.source, Source::Refused);
    EXPECT_EQ(asked.reply.rcode, "REFUSED") << qname;
  }
  EXPECT_EQ(ask(&table, {.name = "version.bind", .type = "A", .qclass = 3}).reply.rcode, "REFUSED");
}

TEST_F(DecideTest, AnswersServicesByNumberAndByName) {
  const Lines expected = {"_pg._tcp.db.mesh. 45 IN SRV 0 0 5432 db.mesh."};
  EXPECT_EQ(ask(&table, {.name = "_pg._tcp.db.mesh", .type = "SRV"}).reply.answer, expected);
  EXPECT_EQ(outcome(table, "_5432._tcp.db.mesh", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "_PG._TCP.DB.mesh", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "_dns._udp.db.mesh", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "_pg._udp.db.mesh", "SRV"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, "_pg._tcp.db.mesh", "A"), "NODATA");
  EXPECT_EQ(outcome(table, "_pg._tcp.db.mesh", "ANY"), "HINFO");
  EXPECT_EQ(outcome(table, "_tcp.db.mesh", "SRV"), "NODATA") << "empty non-terminal";
  EXPECT_EQ(outcome(table, "_https._tcp.api.example.com", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "_other._tcp.api.example.com", "SRV"), "FORWARD");
}

TEST(Decide, ListsAServiceOnceForEachPort) {
  const AnswerTable table = table_of(mesh(
      {"mesh"}, {record("a.mesh", {}, 30, {{80, "80", "tcp"}, {81, "web", "tcp"}, {82, "web", "tcp"}})}));
  EXPECT_EQ(outcome(table, "_80._tcp.a.mesh", "SRV"), "SRV");
  EXPECT_EQ(outcome(table, "_web._tcp.a.mesh", "SRV"), "SRV SRV");
}

}  // namespace
}  // namespace meshdns::answer
