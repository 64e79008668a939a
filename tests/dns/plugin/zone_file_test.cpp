// Faults of master files, and `file` among the other directives.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr std::string_view kSoa = "@ 3600 IN SOA ns hostmaster 1 7200 900 1209600 60\n";

class ZoneFile : public ::testing::Test {
 protected:
  ~ZoneFile() override { std::filesystem::remove(path_); }

  void write(std::string_view text) const { std::ofstream(path_) << text; }

  // Without the path in front.
  std::string fault(std::string_view text) const {
    write(text);
    std::string what = fault_of("file " + path_ + " example.org");
    const std::string start = "plugin/file: " + path_;
    return what.starts_with(start) ? what.substr(start.size()) : what;
  }

  std::string path_ = ::testing::TempDir() + "meshdns-zone-" +
                      ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ZoneFile, FaultsNameTheLine) {
  const std::string soa(kSoa);
  EXPECT_EQ(fault(soa + "www A 10.0.0.1\n"), "no fault");
  EXPECT_THAT(fault(soa + "\n; a comment\nwww A 10.0.0\n"), StartsWith(":4: "));
  EXPECT_THAT(fault(soa + "www A 10.0.0.1\nmail BOGUS x\n"), StartsWith(":3: "));
  EXPECT_EQ(fault(soa + "www.example.com. A 10.0.0.1\n"),
            ":2: www.example.com lies outside the zone example.org");
  EXPECT_EQ(fault(soa + "www CNAME a\nwww A 10.0.0.1\n"),
            ":3: a CNAME beside other records at www.example.org");
  EXPECT_EQ(fault(soa + "www A 10.0.0.1\nwww CNAME a\n"),
            ":3: a CNAME beside other records at www.example.org");
  EXPECT_EQ(fault(soa + "@ 3600 IN SOA ns other 2 7200 900 1209600 60\n"),
            ":2: a second SOA, CNAME or DNAME at example.org");
  EXPECT_EQ(fault(soa + "www CH TXT x\n"), ":2: a record of another class than IN");
  EXPECT_EQ(fault(soa + "$INCLUDE other\n"), ":2: $INCLUDE is not supported");
  EXPECT_EQ(fault("www A 10.0.0.1\n"), ": no SOA record of example.org");
  EXPECT_EQ(fault(""), ": no SOA record of example.org");
  EXPECT_EQ(fault_of("file /missing/db example.org"),
            "plugin/file: open /missing/db: no such file or directory");
  EXPECT_EQ(
      fault_of("file"),
      "plugin/file: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after "
      "'file'");
}

TEST_F(ZoneFile, ReadsRecordsOverSeveralLines) {
  write(
      "$ORIGIN example.org.\n$TTL 300\n@ IN SOA ns hostmaster (\n 1 ; serial\n 7200\n 900\n 1209600\n 60 )\n"
      "  NS ns\nns A 10.0.0.53\n$ORIGIN sub.example.org.\na A 10.0.0.1\n");
  const ChainOf chain("file " + path_, "example.org");
  EXPECT_THAT(chain.ask({.name = "a.sub.example.org"}).reply.answer,
              ElementsAre("a.sub.example.org. 300 IN A 10.0.0.1"));
  EXPECT_THAT(chain.ask({.name = "example.org", .type = "NS"}).reply.answer,
              ElementsAre("example.org. 300 IN NS ns.example.org."));
  EXPECT_EQ(chain.ask({.name = "sub.example.org"}).outcome, "NODATA") << "the names below it make it exist";
}

TEST_F(ZoneFile, ServesSeveralZonesFromOneFileTheLongestFirst) {
  write(std::string(kSoa) + "www A 10.0.0.1\n");
  const ChainOf chain("file " + path_ + " example.org sub.example.org {\n reload 30s\n reload_by_mtime\n}");
  EXPECT_THAT(chain.ask({.name = "www.sub.example.org"}).reply.answer,
              ElementsAre("www.sub.example.org. 3600 IN A 10.0.0.1"));
  EXPECT_EQ(chain.ask({.name = "www.example.org"}).outcome, "NOERROR");
  EXPECT_TRUE(chain.ask({.name = "www.example.com"}).passes);
}

TEST_F(ZoneFile, FallsThroughForNamesThatDoNotExistOnly) {
  write(std::string(kSoa) + "www A 10.0.0.1\n");
  const ChainOf chain("file " + path_ + " example.org {\n fallthrough a.example.org\n}");
  EXPECT_TRUE(chain.ask({.name = "x.a.example.org"}).passes);
  EXPECT_EQ(chain.ask({.name = "b.example.org"}).outcome, "NXDOMAIN");
  EXPECT_EQ(chain.ask({.name = "www.example.org", .type = "MX"}).outcome, "NODATA");
  EXPECT_EQ(chain.ask({.name = "example.org", .type = "AXFR"}, true).outcome, "REFUSED");
}

TEST_F(ZoneFile, CutsWhatDoesNotFitAndSaysSo) {
  std::string text(kSoa);
  for (int i = 1; i <= 60; ++i) {
    text += "many A 10.0.1." + std::to_string(i) + "\n";
  }
  write(text);
  const ChainOf chain("file " + path_ + " example.org");
  const Answer udp = chain.ask({.name = "many.example.org"});
  EXPECT_TRUE(udp.reply.tc);
  EXPECT_EQ(udp.reply.answer.size(), (512U - 12 - 22) / 16);
  EXPECT_EQ(chain.ask({.name = "many.example.org"}, true).reply.answer.size(), 60U);
}

TEST_F(ZoneFile, KnowsTheLinesOfWhatItAnswers) {
  write(std::string(kSoa) +
        "; a comment\nwww A 10.0.0.1\n\nwww A (\n 10.0.0.2 )\nalias CNAME www\n*.wild TXT x\nsub NS "
        "ns.sub\nold DNAME www\n");
  const ChainOf zone("file " + path_ + " example.org");
  const std::string file = path_.substr(path_.rfind('/') + 1);
  const auto lines = [&](const std::string& name, const std::string& type = "A") {
    return zone.written("file", {.name = name + "example.org", .type = type});
  };
  EXPECT_THAT(lines("www."), ElementsAre(file + ":3", file + ":5"));
  EXPECT_THAT(lines("alias."), ElementsAre(file + ":7", file + ":3", file + ":5"));
  EXPECT_THAT(lines("a.wild.", "TXT"), ElementsAre(file + ":8"));
  EXPECT_THAT(lines("a.sub."), ElementsAre(file + ":9"));
  EXPECT_THAT(lines("a.old."), ElementsAre(file + ":10")) << "the CNAME that is made of it, too";
  EXPECT_THAT(lines("nobody."), ElementsAre(file + ":1")) << "the SOA";
  EXPECT_THAT(lines("", "SOA"), ElementsAre(file + ":1"));
}

}  // namespace
}  // namespace meshdns::test
