#include "dns/answer/answer_table.hpp"

#include <gtest/gtest.h>

#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;

TEST(AnswerTable, FindsNamesWithoutRegardToCase) {
  const AnswerTable table = table_of(mesh({"Mesh"}, {record("BackEnd.mesh", {"240.0.0.1"})}));
  for (const char* spelling : {"backend.mesh", "BACKEND.MESH", "bAcKeNd.MeSh."}) {
    EXPECT_EQ(outcome(table, spelling), "A") << spelling;
  }
}

TEST(AnswerTable, TakesNoNameForAnother) {
  const AnswerTable table = table_of(mesh({"mesh"}, {record("backend.mesh", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "backend1.mesh"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, "ackend.mesh"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, R"(backend\.mesh)"), "FORWARD") << "one label";
  EXPECT_EQ(outcome(table, R"(x\004mesh)"), "FORWARD") << "ends like the suffix, but inside a label";
  EXPECT_EQ(outcome(table, "backend"), "FORWARD");
  EXPECT_EQ(outcome(table, "mesh.backend"), "FORWARD");
  EXPECT_EQ(outcome(table, "amesh"), "FORWARD");
}

TEST(AnswerTable, AnswersTheSuffixItself) {
  const AnswerTable table = table_of(mesh({"mesh"}, {}));
  EXPECT_EQ(outcome(table, "mesh", "SOA"), "SOA");
  EXPECT_EQ(outcome(table, "mesh", "NS"), "NS");
  EXPECT_EQ(outcome(table, "mesh", "A"), "NODATA");
  const AnswerTable with_addresses = table_of(mesh({"mesh"}, {record("mesh", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(with_addresses, "mesh", "A"), "A");
  EXPECT_EQ(outcome(with_addresses, "mesh", "SOA"), "SOA");
}

TEST(AnswerTable, AnswersNodataForAnEmptyNonTerminal) {
  const AnswerTable table = table_of(mesh({"mesh"}, {record("a.b.c.mesh", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "b.c.mesh"), "NODATA");
  EXPECT_EQ(outcome(table, "c.mesh"), "NODATA");
  EXPECT_EQ(outcome(table, "x.c.mesh"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, "x.a.b.c.mesh"), "NXDOMAIN");
}

TEST(AnswerTable, MatchesWildcardsWithAnyNumberOfLabels) {
  const AnswerTable table = table_of(mesh({"mesh"}, {record("*.web.mesh", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "a.web.mesh"), "A");
  EXPECT_EQ(outcome(table, "a.b.c.d.web.mesh"), "A");
  EXPECT_EQ(outcome(table, "a.web.mesh", "AAAA"), "NODATA");
  EXPECT_EQ(outcome(table, "*.web.mesh"), "A") << "the wildcard itself";
  EXPECT_EQ(outcome(table, "web.mesh"), "NODATA") << "not its parent";
  EXPECT_EQ(outcome(table, "a.*.web.mesh"), "NXDOMAIN")
      << "RFC 4592 2.3: nothing below a wildcard is synthesized";
}

TEST(AnswerTable, PrefersAnExistingNameOverAWildcard) {
  const AnswerTable table =
      table_of(mesh({"mesh"}, {record("*.mesh", {"240.0.0.1"}), record("six.mesh", {"fd00::6"})}));
  EXPECT_EQ(outcome(table, "six.mesh", "A"), "NODATA");
  EXPECT_EQ(outcome(table, "other.mesh", "A"), "A");
}

TEST(AnswerTable, DoesNotReachAcrossAnExistingSubtree) {
  const AnswerTable table =
      table_of(mesh({"mesh"}, {record("*.mesh", {"240.0.0.1"}), record("host.sub.mesh", {"240.0.0.2"})}));
  EXPECT_EQ(outcome(table, "sub.mesh"), "NODATA") << "an empty non-terminal exists";
  EXPECT_EQ(outcome(table, "other.sub.mesh"), "NXDOMAIN") << "its closest encloser is sub.mesh";
  EXPECT_EQ(outcome(table, "below.host.sub.mesh"), "NXDOMAIN");
  EXPECT_EQ(outcome(table, "other.sub2.mesh"), "A");
}

TEST(AnswerTable, TakesTheWildcardOfTheClosestEncloser) {
  const AnswerTable table =
      table_of(mesh({"mesh"}, {record("*.mesh", {"240.0.0.1"}), record("*.east.mesh", {"240.0.0.2"})}));
  EXPECT_EQ(ask(&table, {.name = "a.east.mesh"}).reply.answer,
            std::vector<std::string>{"a.east.mesh. 30 IN A 240.0.0.2"});
  EXPECT_EQ(ask(&table, {.name = "a.west.mesh"}).reply.answer,
            std::vector<std::string>{"a.west.mesh. 30 IN A 240.0.0.1"});
}

TEST(AnswerTable, MatchesWildcardsOutsideTheOwnedSuffixes) {
  const AnswerTable table = table_of(mesh({"mesh"}, {record("*.apps.example.com", {"240.0.0.1"}),
                                                     record("pay.apps.example.com", {"240.0.0.2"})}));
  EXPECT_EQ(outcome(table, "a.apps.example.com"), "A");
  EXPECT_EQ(outcome(table, "a.b.apps.example.com"), "A");
  EXPECT_EQ(outcome(table, "apps.example.com"), "FORWARD");
  EXPECT_EQ(outcome(table, "x.pay.apps.example.com"), "FORWARD") << "not across an existing name";
  EXPECT_EQ(outcome(table, "example.com"), "FORWARD");
  EXPECT_EQ(outcome(table, "com"), "FORWARD");
  EXPECT_EQ(outcome(table, "other.example.com"), "FORWARD");
}

TEST(AnswerTable, KeepsNestedSuffixesApart) {
  const AnswerTable table = table_of(mesh({"mesh", "east.mesh"}, {record("*.mesh", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "a.mesh"), "A");
  EXPECT_EQ(outcome(table, "a.east.mesh"), "NXDOMAIN") << "the wildcard ends where the other suffix begins";
  EXPECT_EQ(ask(&table, {.name = "a.east.mesh"}).reply.authority.at(0).substr(0, 10), "east.mesh.");
}

TEST(AnswerTable, OwnsASuffixInsideAnOverlayWildcard) {
  const AnswerTable table = table_of(mesh({"corp.example.com"}, {record("*.example.com", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "a.example.com"), "A");
  EXPECT_EQ(outcome(table, "corp.example.com"), "NODATA");
  EXPECT_EQ(outcome(table, "a.corp.example.com"), "NXDOMAIN");
}

TEST(AnswerTable, MayOwnEverything) {
  const AnswerTable table = table_of(mesh({"."}, {record("a.example", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "a.example"), "A");
  EXPECT_EQ(outcome(table, "example"), "NODATA");
  EXPECT_EQ(outcome(table, ".", "SOA"), "SOA");
  const Asked missing = ask(&table, {.name = "b.example"});
  EXPECT_EQ(missing.reply.rcode, "NXDOMAIN");
  EXPECT_EQ(missing.reply.authority.at(0).substr(0, 2), ". ");
}

TEST(AnswerTable, MayHaveAWildcardForEverything) {
  const AnswerTable table = table_of(mesh({}, {record("*", {"240.0.0.1"})}));
  EXPECT_EQ(outcome(table, "a.b.c"), "A");
  EXPECT_EQ(outcome(table, "."), "FORWARD");
}

TEST(AnswerTable, TakesTheLongestNames) {
  const std::string label(63, 'x');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'y');
  std::string most_labels = "a";
  for (int i = 0; i < 126; ++i) {
    most_labels += ".a";
  }
  const AnswerTable table =
      table_of(mesh({}, {record(longest, {"240.0.0.1"}), record(most_labels, {"240.0.0.2"})}));
  EXPECT_EQ(outcome(table, longest), "A");
  EXPECT_EQ(outcome(table, most_labels), "A");
  EXPECT_EQ(outcome(table, "b" + most_labels.substr(1)), "FORWARD")
      << "the whole walk to the closest encloser";
  const AnswerTable wild = table_of(mesh({"a"}, {record("*.a", {"240.0.0.3"})}));
  EXPECT_EQ(outcome(wild, most_labels), "A");
}

}  // namespace
}  // namespace meshdns::answer
