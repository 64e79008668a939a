#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kSoa = "SOA localhost. nobody.invalid. 1 3600 1200 604800 5";

std::string soa_of(std::string_view zone) {
  return std::string(zone) + " 5 IN " + std::string(kSoa);
}

// The block that kuma-dp writes for its empty DNS port.
TEST(Template, OfKumaSaysThatNothingExists) {
  const ChainOf chain("template ANY ANY . {\n rcode NXDOMAIN\n}");
  for (const char* type : {"A", "AAAA", "TXT", "SRV", "TYPE65280"}) {
    const Answer answer = chain.ask({.name = "Backend.Mesh", .type = type, .edns_size = 4096});
    EXPECT_EQ(answer.source, "template") << type;
    EXPECT_EQ(answer.outcome, "NXDOMAIN") << type;
    EXPECT_TRUE(answer.reply.aa);
    EXPECT_TRUE(answer.reply.ra);
    EXPECT_TRUE(answer.reply.has_opt);
    EXPECT_THAT(answer.reply.authority, ElementsAre(soa_of("."))) << "so that it can be cached";
  }
}

TEST(Template, KnowsWhichOfThemAnswers) {
  const ChainOf chain("template IN A a.test {\n rcode NXDOMAIN\n}\ntemplate ANY ANY {\n rcode NXDOMAIN\n}");
  EXPECT_THAT(chain.written("template", {.name = "a.test"}), ElementsAre("Corefile:2"));
  EXPECT_THAT(chain.written("template", {.name = "b.test"}), ElementsAre("Corefile:5"));
}

TEST(Template, MakesRecordsFromTheName) {
  const ChainOf chain(
      "template IN A example {\n"
      " match \"^ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)-(?P<c>[0-9]*)-(?P<d>[0-9]*)[.]example[.]$\"\n"
      " answer \"{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}\"\n"
      " fallthrough\n}");
  const Answer answer = chain.ask({.name = "IP-10-95-12-8.Example"});
  EXPECT_THAT(answer.reply.answer, ElementsAre("IP-10-95-12-8.Example. 60 IN A 10.95.12.8"))
      << "the name is the client's, letter case included";
  EXPECT_THAT(answer.reply.authority, IsEmpty());
  EXPECT_TRUE(chain.ask({.name = "www.example"}).passes) << "fallthrough";
  EXPECT_TRUE(chain.ask({.name = "ip-10-95-12-8.example.org"}).passes) << "another zone";
  EXPECT_TRUE(chain.ask({.name = "ip-10-95-12-8.example", .type = "AAAA"}).passes) << "another type";
  EXPECT_EQ(chain.ask({.name = "ip-999-95-12-8.example"}).outcome, "SERVFAIL") << "the record is none";
}

TEST(Template, KnowsMatchesNumbersAndTheClient) {
  const ChainOf chain(
      "template IN A example {\n"
      " match \"^ip0a([a-f0-9]{2})([a-f0-9]{2})([a-f0-9]{2})[.]example[.]$\"\n"
      " answer \"{{ .Name }} 60 IN A 10.{{ parseInt (index .Match 1) 16 8 }}.{{ parseInt (index .Group "
      "`2`) 16 8 }}.{{ index .Match 3 | printf `%s` | len }}\"\n"
      " additional \"{{ .Zone }} 60 {{ .Class }} TXT {{ .Remote }} {{ .Type }}\"\n}");
  const Answer answer = chain.ask({.name = "ip0a5f0c08.example"});
  EXPECT_THAT(answer.reply.answer, ElementsAre("ip0a5f0c08.example. 60 IN A 10.95.12.2"));
  EXPECT_THAT(answer.reply.additional, ElementsAre("example. 60 IN TXT \"192.0.2.7\" \"A\""));
  EXPECT_EQ(chain.ask({.name = "x.example"}).outcome, "SERVFAIL") << "no match, and no fallthrough";
}

TEST(Template, TakesTheFirstThatFits) {
  const ChainOf chain(
      "template IN A a.example {\n match ^x\n answer \"{{ .Name }} 1 IN A 10.0.0.1\"\n fallthrough "
      "a.example\n}\n"
      "template IN ANY example {\n match ^y ^x\n answer \"{{ .Name }} 2 IN TXT two\"\n}\n"
      "template IN ANY {\n rcode REFUSED\n}",
      "example other");
  EXPECT_THAT(chain.ask({.name = "x.a.example"}).reply.answer, ElementsAre("x.a.example. 1 IN A 10.0.0.1"));
  EXPECT_THAT(chain.ask({.name = "y.a.example"}).reply.answer, ElementsAre("y.a.example. 2 IN TXT \"two\""));
  EXPECT_THAT(chain.ask({.name = "x.a.example", .type = "TXT"}).reply.answer,
              ElementsAre("x.a.example. 2 IN TXT \"two\""));
  EXPECT_EQ(chain.ask({.name = "z.a.example"}).outcome, "SERVFAIL") << "the second does not fall through";
  EXPECT_EQ(chain.ask({.name = "x.other"}).outcome, "REFUSED") << "without ZONE, those of the block";
}

TEST(Template, MatchesTheLowerCasedAbsoluteNameAnywhere) {
  const ChainOf chain(
      "template IN A {\n match e[.]mesh[.]$\n answer \"{{ .Name }} IN A 10.0.0.1\"\n fallthrough\n}");
  EXPECT_THAT(chain.ask({.name = "A.E.MESH"}).reply.answer, ElementsAre("A.E.MESH. 3600 IN A 10.0.0.1"));
  EXPECT_TRUE(chain.ask({.name = "e.mesh.org"}).passes);
}

TEST(Template, GivesNegativeAnswersASoaUnlessItHasAnAuthority) {
  const ChainOf chain(
      "template IN AAAA example {\n rcode NOERROR\n}\n"
      "template IN A example {\n authority \"example. 60 IN SOA ns. me. 7 60 60 60 60\"\n rcode NXDOMAIN\n}");
  const Answer nodata = chain.ask({.name = "www.example", .type = "AAAA"});
  EXPECT_EQ(nodata.outcome, "NODATA");
  EXPECT_THAT(nodata.reply.authority, ElementsAre(soa_of("example.")));
  const Answer own = chain.ask({.name = "www.example"});
  EXPECT_EQ(own.outcome, "NXDOMAIN");
  EXPECT_THAT(own.reply.authority, ElementsAre("example. 60 IN SOA ns. me. 7 60 60 60 60"));
}

TEST(Template, WantsTheRecordsBehindACname) {
  const ChainOf chain(
      "template IN ANY example {\n answer \"{{ .Name }} 60 IN CNAME www.Target.example.org.\"\n}");
  const Answer address = chain.ask({.name = "a.example", .type = "AAAA"});
  EXPECT_THAT(address.reply.answer, ElementsAre("a.example. 60 IN CNAME www.Target.example.org."));
  EXPECT_EQ(address.alias, "www.target.example.org");
  EXPECT_EQ(chain.ask({.name = "a.example", .type = "CNAME"}).alias, "");
}

TEST(Template, TellsAnExtendedErrorToClientsWithEdns) {
  const ChainOf chain("template IN A {\n rcode NXDOMAIN\n ederror 15 \"not here\"\n}");
  const Answer with = chain.ask({.name = "a.example", .edns_size = 1232});
  EXPECT_EQ(with.reply.opt_options_size, 4 + 2 + 8U);
  const std::string octets(with.reply.octets.begin(), with.reply.octets.end());
  EXPECT_TRUE(octets.ends_with(std::string("\0\17\0\12\0\17not here", 14))) << "option 15, code 15";
  EXPECT_FALSE(chain.ask({.name = "a.example"}).reply.has_opt);
}

TEST(Template, OfServfailHasNoRecords) {
  const ChainOf chain("template IN A {\n rcode SERVFAIL\n}");
  EXPECT_EQ(chain.ask({.name = "a.example"}).outcome, "SERVFAIL");
}

}  // namespace
}  // namespace meshdns::test
