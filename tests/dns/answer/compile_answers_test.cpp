#include "dns/answer/compile_answers.hpp"

#include <gtest/gtest.h>

#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;

TEST(CompileAnswers, TakesAnEmptyZone) {
  const AnswerTable table = table_of(mesh({}, {}));
  EXPECT_EQ(table.name_count(), 0U);
  EXPECT_EQ(outcome(table, "."), "FORWARD");
  EXPECT_EQ(outcome(table, "backend.mesh"), "FORWARD");
}

TEST(CompileAnswers, CountsTheNamesOfTheZone) {
  const AnswerTable table =
      table_of(mesh({"mesh"}, {record("a.b.mesh", {"240.0.0.1"}, 30, {{80, "http", "tcp"}}),
                               record("*.mesh", {"240.0.0.2"})}));
  EXPECT_EQ(table.name_count(), 2U);
}

TEST(CompileAnswers, LetsTheLastOfSeveralRecordsOfANameCount) {
  const AnswerTable table = table_of(
      mesh({"mesh"}, {record("a.mesh", {"240.0.0.1", "fd00::1"}, 30), record("A.mesh", {"240.0.0.2"}, 40)}));
  EXPECT_EQ(table.name_count(), 1U);
  EXPECT_EQ(ask(&table, {.name = "a.mesh"}).reply.answer,
            std::vector<std::string>{"a.mesh. 40 IN A 240.0.0.2"});
  EXPECT_EQ(outcome(table, "a.mesh", "AAAA"), "NODATA");
  EXPECT_EQ(outcome(table, "1.0.0.240.in-addr.arpa", "PTR"), "FORWARD");
  EXPECT_EQ(outcome(table, "2.0.0.240.in-addr.arpa", "PTR"), "PTR");
}

TEST(CompileAnswers, TakesASuffixTwiceAndInAnyOrder) {
  const AnswerTable table =
      table_of(mesh({"east.mesh", "mesh", "MESH.", "east.mesh"}, {record("a.east.mesh", {"240.0.0.1"})}));
  EXPECT_EQ(ask(&table, {.name = "mesh", .type = "NS"}).reply.answer.size(), 1U);
  EXPECT_EQ(outcome(table, "b.east.mesh"), "NXDOMAIN");
}

TEST(CompileAnswers, GivesEverySuffixTheSerial) {
  const AnswerTable table = table_of(mesh({"mesh", "example.com"}, {}), 4294967295U);
  for (const char* suffix : {"mesh", "example.com"}) {
    const auto answer = ask(&table, {.name = suffix, .type = "SOA"}).reply.answer;
    ASSERT_EQ(answer.size(), 1U);
    EXPECT_EQ(answer[0],
              std::string(suffix) + ". 5 IN SOA localhost. nobody.invalid. 4294967295 3600 1200 604800 5");
  }
}

TEST(CompileAnswers, RefusesMoreAddressesThanAMessageCanCountAndSaysWhere) {
  ZoneRecord huge = record("a.mesh", {});
  huge.addresses.resize(65536);
  huge.where = {.file = 0, .line = 3, .column = 13};
  MeshZone zone = mesh({"mesh"}, {huge});
  zone.files = {"zone.yaml"};
  const auto table = compile_answers(zone, 1);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, Errc::InvalidZone);
  EXPECT_EQ(table.error().what, "zone.yaml:3:13: a.mesh has more than 65535 addresses");
}

TEST(CompileAnswers, RefusesAServiceNameThatIsTooLong) {
  const std::string label(63, 'x');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'y');
  EXPECT_TRUE(compile_answers(mesh({"mesh"}, {record(longest, {"240.0.0.1"})}), 1));
  EXPECT_FALSE(compile_answers(mesh({"mesh"}, {record(longest, {"240.0.0.1"}, 30, {{80, "", "tcp"}})}), 1));
}

TEST(CompileAnswers, ServesNamesWithOctetsThatMeanSomethingInText) {
  for (const char* odd : {R"(a\.b.mesh)", R"(semi\;colon.mesh)", R"(par\(en.mesh)", R"(quo\"te.mesh)",
                          R"(b\032c.mesh)", R"(\000\255.mesh)", R"(back\\slash.mesh)", R"(at\@.mesh)"}) {
    const AnswerTable table =
        table_of(mesh({"mesh"}, {record(odd, {"240.0.0.1"}, 30, {{80, "http", "tcp"}})}));
    EXPECT_EQ(outcome(table, odd), "A") << odd;
    const Asked service = ask(&table, {.name = std::string("_http._tcp.") + odd, .type = "SRV"});
    ASSERT_EQ(service.reply.answer.size(), 1U) << odd;
    const std::string& line = service.reply.answer[0];
    const std::string target = line.substr(line.find(" 80 ") + 4);
    EXPECT_EQ(name(target), name(odd)) << line;
  }
}

TEST(CompileAnswers, GrowsItsTableWithManyAncestors) {
  MeshZone zone = mesh({"mesh"}, {});
  for (int i = 0; i < 3000; ++i) {
    const std::string n = std::to_string(i);
    zone.records.push_back(record("host.pod" + n + ".zone" + n + ".mesh", {"240.0.0.1"}));
  }
  const AnswerTable table = table_of(zone);
  for (int i = 0; i < 3000; ++i) {
    const std::string n = std::to_string(i);
    ASSERT_EQ(outcome(table, "host.pod" + n + ".zone" + n + ".mesh"), "A");
    ASSERT_EQ(outcome(table, "pod" + n + ".zone" + n + ".mesh"), "NODATA");
    ASSERT_EQ(outcome(table, "pod" + n + "x.mesh"), "NXDOMAIN");
  }
}

}  // namespace
}  // namespace meshdns::answer
