// Answers with many addresses: order, truncation, size; and the way back from an address to its names.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "dns/answer/decide.hpp"
#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;
using Lines = std::vector<std::string>;

Lines rdata_of(const Reply& reply) {
  Lines all;
  for (const std::string& line : reply.answer) {
    all.push_back(line.substr(line.rfind(' ') + 1));
  }
  return all;
}

TEST(DecideAddresses, GivesAllOfAFamilyAndNoneOfTheOther) {
  const AnswerTable table =
      table_of(mesh({"mesh"}, {record("a.mesh", {"240.0.0.1", "fd00::1", "240.0.0.2", "fd00::2"})}));
  EXPECT_EQ(rdata_of(ask(&table, {.name = "a.mesh"}).reply), (Lines{"240.0.0.1", "240.0.0.2"}));
  EXPECT_EQ(rdata_of(ask(&table, {.name = "a.mesh", .type = "AAAA"}).reply), (Lines{"fd00::1", "fd00::2"}));
}

TEST(DecideAddresses, KeepsMappedAddressesOutOfIpv4) {
  const AnswerTable table = table_of(mesh({"mesh"}, {record("a.mesh", {"::ffff:240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "a.mesh", "A"), "NODATA");
  EXPECT_EQ(outcome(table, "a.mesh", "AAAA"), "AAAA");
}

TEST(DecideAddresses, LetsEachAddressComeFirstInTurn) {
  for (const unsigned count : {1U, 2U, 3U, 7U}) {
    const Lines addresses = many_addresses(count);
    const AnswerTable table = table_of(mesh({"mesh"}, {record("a.mesh", addresses)}));
    for (std::uint32_t rotation = 0; rotation < 2 * count; ++rotation) {
      Lines expected = addresses;
      std::ranges::rotate(expected, expected.begin() + rotation % count);
      EXPECT_EQ(rdata_of(ask(&table, {.name = "a.mesh"}, {.rotation = rotation}).reply), expected);
    }
    EXPECT_EQ(ask(&table, {.name = "a.mesh"}, {.rotation = 0xFFFFFFFF}).reply.answer.size(), count);
  }
}

struct Case {
  const char* type;
  std::optional<std::uint16_t> edns;
  bool is_tcp;
  std::size_t answers;
};

TEST(DecideAddresses, FillsTheClientsLimitWithWholeAddresses) {
  MeshZone zone =
      mesh({"mesh"}, {record("a.mesh", many_addresses(150)), record("b.mesh", many_addresses(150, true))});
  const AnswerTable table = table_of(zone);
  constexpr std::size_t kHead = 12 + 8 + 4;  // header and question
  constexpr std::size_t kOpt = 11;
  for (const Case& c :
       {Case{"A", {}, false, (512 - kHead) / 16}, Case{"A", 512, false, (512 - kHead - kOpt) / 16},
        Case{"A", 1232, false, (1232 - kHead - kOpt) / 16}, Case{"A", 4096, false, 150},
        Case{"A", {}, true, 150}, Case{"A", 512, true, 150}, Case{"AAAA", {}, false, (512 - kHead) / 28},
        Case{"AAAA", 1232, false, (1232 - kHead - kOpt) / 28},
        Case{"AAAA", 4096, false, (4096 - kHead - kOpt) / 28}, Case{"AAAA", {}, true, 150}}) {
    for (const std::uint32_t rotation : {0U, 100U, 149U}) {
      const QuerySpec query{
          .name = c.type[1] == 'A' ? "b.mesh" : "a.mesh", .type = c.type, .edns_size = c.edns};
      const Reply reply = ask(&table, query, {.rotation = rotation, .is_tcp = c.is_tcp}).reply;
      const std::string what =
          std::string(c.type) + " at " + std::to_string(c.edns.value_or(0)) + (c.is_tcp ? " TCP" : "");
      EXPECT_EQ(reply.answer.size(), c.answers) << what;
      EXPECT_EQ(reply.tc, c.answers < 150) << what;
      EXPECT_EQ(reply.has_opt, c.edns.has_value()) << what;
      const Lines addresses = rdata_of(reply);
      EXPECT_EQ(std::set(addresses.begin(), addresses.end()).size(), c.answers) << what << ": one twice";
    }
  }
}

TEST(DecideAddresses, LeavesRoomForAnAddressWhateverTheName) {
  const std::string label(63, 'x');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'y');
  const AnswerTable table = table_of(mesh({}, {
                                                  record(longest, many_addresses(50)),
                                              }));
  const Reply reply = ask(&table, {.name = longest, .edns_size = 512}).reply;
  EXPECT_TRUE(reply.tc);
  EXPECT_GE(reply.answer.size(), 10U);
}

TEST(DecideAddresses, TruncatesOverTcpOnlyWhatNoMessageCanHold) {
  const AnswerTable table = table_of(mesh({"mesh"}, {record("a.mesh", many_addresses(5000))}));
  const Reply reply = ask(&table, {.name = "a.mesh"}, {.is_tcp = true}).reply;
  EXPECT_TRUE(reply.tc);
  EXPECT_EQ(reply.answer.size(), (65535U - 12 - 12) / 16);
}

TEST(DecideAddresses, CompressesOwnerNames) {
  const AnswerTable table =
      table_of(mesh({"mesh"}, {record("backend.mesh", {"240.0.0.1", "240.0.0.2", "fd00::1"})}));
  const std::size_t question = 12 + 14 + 4;
  EXPECT_EQ(ask(&table, {.name = "backend.mesh"}).reply.octets.size(), question + 2 * 16);
  EXPECT_EQ(ask(&table, {.name = "backend.mesh", .type = "AAAA"}).reply.octets.size(), question + 28);
  EXPECT_EQ(ask(&table, {.name = "backend.mesh", .type = "TXT"}).reply.octets.size(),
            question + 12 + 11 + 16 + 20);
}

TEST(DecideAddresses, TruncatesAServiceListAsAWhole) {
  std::vector<ZonePort> ports;
  for (std::uint16_t port = 1; port <= 40; ++port) {
    ports.push_back({port, "web", "tcp"});
  }
  const AnswerTable table = table_of(mesh({"mesh"}, {record("a.mesh", {}, 30, ports)}));
  const Reply over_udp = ask(&table, {.name = "_web._tcp.a.mesh", .type = "SRV"}).reply;
  EXPECT_TRUE(over_udp.tc);
  EXPECT_TRUE(over_udp.answer.empty());
  const Reply over_tcp = ask(&table, {.name = "_web._tcp.a.mesh", .type = "SRV"}, {.is_tcp = true}).reply;
  EXPECT_FALSE(over_tcp.tc);
  EXPECT_EQ(over_tcp.answer.size(), 40U);
}

class DecidePointersTest : public testing::Test {
 protected:
  static constexpr const char* kV6 =
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";
  std::vector<ZoneRecord> records = {record("First.mesh", {"240.0.0.1", "fd00::1"}, 41),
                                     record("alias.mesh", {"240.0.0.1"}, 42),
                                     record("*.w.mesh", {"240.0.0.9"})};
};

TEST_F(DecidePointersTest, NamesAnAddressFirstListedFirst) {
  const AnswerTable table = table_of(mesh({"mesh"}, records));
  const Reply reply = ask(&table, {.name = "1.0.0.240.In-Addr.arpa", .type = "PTR"}).reply;
  EXPECT_EQ(reply.answer, (Lines{"1.0.0.240.In-Addr.arpa. 41 IN PTR first.mesh.",
                                 "1.0.0.240.In-Addr.arpa. 42 IN PTR alias.mesh."}));
  EXPECT_TRUE(reply.aa && reply.ra);
  EXPECT_EQ(ask(&table, {.name = kV6, .type = "PTR"}).reply.answer,
            Lines{std::string(kV6) + ". 41 IN PTR first.mesh."});
}

TEST_F(DecidePointersTest, ForwardsAddressesThatAreNotOfTheMesh) {
  const AnswerTable table = table_of(mesh({"mesh"}, records));
  EXPECT_EQ(outcome(table, "2.0.0.240.in-addr.arpa", "PTR"), "FORWARD");
  EXPECT_EQ(outcome(table, "0.0.240.in-addr.arpa", "PTR"), "FORWARD");
  EXPECT_EQ(outcome(table, "9.0.0.240.in-addr.arpa", "PTR"), "FORWARD") << "a wildcard is no name to give";
  EXPECT_EQ(outcome(table, "1.0.0.240.in-addr.arpa", "A"), "FORWARD");
  EXPECT_EQ(outcome(table, "1.0.0.240.in-addr.arpa.mesh", "PTR"), "NXDOMAIN");
}

TEST_F(DecidePointersTest, KeepsAnOwnedRangeOnTheHost) {
  const AnswerTable table = table_of(mesh({"mesh", "240.in-addr.arpa"}, records));
  EXPECT_EQ(outcome(table, "1.0.0.240.in-addr.arpa", "PTR"), "PTR PTR");
  EXPECT_EQ(outcome(table, "1.0.0.240.in-addr.arpa", "TXT"), "NODATA") << "the name exists";
  EXPECT_EQ(outcome(table, "2.0.0.240.in-addr.arpa", "PTR"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, "1.0.0.241.in-addr.arpa", "PTR"), "FORWARD");
  EXPECT_EQ(
      ask(&table, {.name = "2.0.0.240.in-addr.arpa", .type = "PTR"}).reply.authority.at(0).substr(0, 17),
      "240.in-addr.arpa.");
}

TEST_F(DecidePointersTest, GivesAsManyNamesAsFit) {
  std::vector<ZoneRecord> many;
  for (int i = 0; i < 100; ++i) {
    many.push_back(record("name" + std::to_string(i) + ".mesh", {"240.0.0.1"}));
  }
  const AnswerTable table = table_of(mesh({"mesh"}, many));
  const Reply reply = ask(&table, {.name = "1.0.0.240.in-addr.arpa", .type = "PTR"}).reply;
  EXPECT_TRUE(reply.tc);
  EXPECT_GT(reply.answer.size(), 10U);
  EXPECT_EQ(
      ask(&table, {.name = "1.0.0.240.in-addr.arpa", .type = "PTR"}, {.is_tcp = true}).reply.answer.size(),
      100U);
}

}  // namespace
}  // namespace meshdns::answer
