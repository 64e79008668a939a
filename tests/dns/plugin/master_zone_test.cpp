// What an authoritative server says of the names of a zone: RFC 1034 4.3.2, RFC 4592, RFC 6672.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The example of RFC 4592 2.2.1 is in it.
constexpr std::string_view kZone = R"($TTL 3600
@               SOA     ns.example.com. hostmaster.example.com. 7 7200 900 1209600 60
@               NS      ns.example.com.
@               NS      ns.example.net.
*               TXT     "this is a wildcard"
*               MX      10 host1
sub.*           TXT     "this is not a wildcard"
host1           A       192.0.2.1
_ssh._tcp.host1 SRV     0 0 22 host1
_ssh._tcp.host2 SRV     0 0 22 host2
subdel          NS      ns.example.com.
subdel          NS      ns.subdel
subdel          DS      1 8 2 0000000000000000000000000000000000000000000000000000000000000000
ns.subdel       A       192.0.2.53
ns.subdel       AAAA    2001:db8::53
alias           CNAME   alias2
alias2          CNAME   host1
away            CNAME   www.example.net.
lost            CNAME   none.host1
round           CNAME   trip
trip            CNAME   round
*.cname         CNAME   host1
old             DNAME   new
away-below      DNAME   example.net.
a.new           A       192.0.2.9
short           DNAME   a-name-that-is-much-longer-than-the-other-one.example.net.
)";

class MasterZone : public ::testing::Test {
 protected:
  MasterZone() : path_(::testing::TempDir() + "meshdns-master-zone") {
    std::ofstream(path_) << kZone;
    chain_.emplace("file " + path_ + " example.");
  }
  ~MasterZone() override { std::filesystem::remove(path_); }

  Answer ask(const std::string& name, const std::string& type = "A") const {
    return chain_->ask({.name = name, .type = type}, true);
  }
  std::string outcome(const std::string& name, const std::string& type) const {
    return ask(name, type).outcome;
  }

  std::string path_;
  std::optional<ChainOf> chain_;
};

constexpr std::string_view kNegative =
    "example. 60 IN SOA ns.example.com. hostmaster.example.com. 7 7200 900 1209600 60";

TEST_F(MasterZone, AnswersWithAuthority) {
  const Answer answer = ask("Host1.Example");
  EXPECT_EQ(answer.source, "file");
  EXPECT_TRUE(answer.reply.aa);
  EXPECT_TRUE(answer.reply.ra);
  EXPECT_THAT(answer.reply.answer, ElementsAre("Host1.Example. 3600 IN A 192.0.2.1"));
  EXPECT_THAT(
      ask("example", "SOA").reply.answer,
      ElementsAre("example. 3600 IN SOA ns.example.com. hostmaster.example.com. 7 7200 900 1209600 60"));
  EXPECT_EQ(ask("example", "NS").reply.answer.size(), 2U);
  EXPECT_THAT(ask("example", "ANY").reply.answer.size(), 3U) << "SOA and NS";
}

TEST_F(MasterZone, NegativeAnswersHaveTheSoaWithItsMinimum) {
  const Answer nodata = ask("host1.example", "AAAA");
  EXPECT_EQ(nodata.outcome, "NODATA");
  EXPECT_TRUE(nodata.reply.aa);
  EXPECT_THAT(nodata.reply.authority, ElementsAre(kNegative));
  const Answer nxdomain = ask("none.host1.example");
  EXPECT_EQ(nxdomain.outcome, "NXDOMAIN");
  EXPECT_THAT(nxdomain.reply.authority, ElementsAre(kNegative));
  EXPECT_EQ(outcome("example", "A"), "NODATA");
  EXPECT_EQ(outcome("_tcp.host2.example", "SRV"), "NODATA") << "an empty non-terminal";
}

// RFC 4592 2.2.1, question by question.
TEST_F(MasterZone, SynthesizesFromWildcards) {
  EXPECT_THAT(ask("host3.example", "MX").reply.answer,
              ElementsAre("host3.example. 3600 IN MX 10 host1.example."));
  EXPECT_EQ(outcome("host3.example", "A"), "NODATA");
  EXPECT_THAT(ask("foo.bar.example", "TXT").reply.answer,
              ElementsAre("foo.bar.example. 3600 IN TXT \"this is a wildcard\""));
  EXPECT_EQ(outcome("host1.example", "MX"), "NODATA") << "the name exists";
  EXPECT_EQ(outcome("sub.*.example", "MX"), "NODATA") << "so does this one";
  EXPECT_EQ(outcome("_telnet._tcp.host1.example", "SRV"), "NXDOMAIN") << "_tcp.host1 is closer";
  EXPECT_FALSE(ask("host.subdel.example", "A").reply.aa) << "a delegation comes first";
  EXPECT_EQ(outcome("ghost.*.example", "MX"), "NXDOMAIN") << "*.example is closer";
}

TEST_F(MasterZone, RefersToOtherZones) {
  for (const char* name : {"subdel.example", "a.b.subdel.example", "ns.subdel.example"}) {
    const Answer referral = ask(name);
    EXPECT_EQ(referral.outcome, "NODATA") << name;
    EXPECT_FALSE(referral.reply.aa) << name;
    EXPECT_THAT(referral.reply.authority,
                UnorderedElementsAre("subdel.example. 3600 IN NS ns.example.com.",
                                     "subdel.example. 3600 IN NS ns.subdel.example."));
    EXPECT_THAT(referral.reply.additional,
                UnorderedElementsAre("ns.subdel.example. 3600 IN A 192.0.2.53",
                                     "ns.subdel.example. 3600 IN AAAA 2001:db8::53"));
  }
  const Answer ds = ask("subdel.example", "DS");
  EXPECT_TRUE(ds.reply.aa) << "the zone above knows it";
  EXPECT_EQ(ds.reply.answer.size(), 1U);
}

TEST_F(MasterZone, FollowsAliases) {
  EXPECT_THAT(ask("alias.example").reply.answer, ElementsAre("alias.example. 3600 IN CNAME alias2.example.",
                                                             "alias2.example. 3600 IN CNAME host1.example.",
                                                             "host1.example. 3600 IN A 192.0.2.1"));
  EXPECT_THAT(ask("alias.example", "CNAME").reply.answer,
              ElementsAre("alias.example. 3600 IN CNAME alias2.example."));
  const Answer away = ask("away.example");
  EXPECT_THAT(away.reply.answer, ElementsAre("away.example. 3600 IN CNAME www.example.net."));
  EXPECT_EQ(away.alias, "www.example.net") << "the server asks for it";
  const Answer lost = ask("lost.example");
  EXPECT_EQ(lost.outcome, "NXDOMAIN") << "of the last name (RFC 6604)";
  EXPECT_EQ(lost.reply.answer.size(), 1U);
  EXPECT_THAT(
      ask("x.cname.example").reply.answer,
      ElementsAre("x.cname.example. 3600 IN CNAME host1.example.", "host1.example. 3600 IN A 192.0.2.1"));
  EXPECT_EQ(outcome("round.example", "A"), "NOERROR") << "and ends";
}

TEST_F(MasterZone, RenamesWhatLiesBelowADname) {
  EXPECT_THAT(ask("a.old.example").reply.answer, ElementsAre("old.example. 3600 IN DNAME new.example.",
                                                             "a.old.example. 3600 IN CNAME a.new.example.",
                                                             "a.new.example. 3600 IN A 192.0.2.9"));
  EXPECT_EQ(ask("x.away-below.example").alias, "x.example.net");
  EXPECT_EQ(outcome("old.example", "A"), "NODATA") << "the name itself is not renamed";
  const std::string label(63, 'a');
  const std::string too_long = label + "." + label + "." + label + "." + std::string(36, 'b');
  EXPECT_EQ(outcome(too_long + ".short.example", "A"), "YXDOMAIN");
}

}  // namespace
}  // namespace meshdns::test
