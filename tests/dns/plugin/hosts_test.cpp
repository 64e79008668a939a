#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/plugin/hosts_table.hpp"
#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Hosts : public ::testing::Test {
 protected:
  Hosts() {
    std::ofstream(path_) << "# a comment\n"
                            "10.0.0.1\tdb.example.org DB # and another\r\n"
                            "10.0.0.2 db.example.org\n"
                            "fd00::1%eth0 db.example.org\n"
                            "10.0.0.1 db.example.org\n"
                            "not an address\n"
                            "10.0.0.9 *.wild.example.org exact.wild.example.org\n"
                            "10.0.0.8\n";
  }
  ~Hosts() override { std::filesystem::remove(path_); }

  ChainOf chain(const std::string& arguments, const std::string& options = "") const {
    return ChainOf("hosts " + path_ + " " + arguments + " {\n" + options + "\n}");
  }

  std::string path_ = ::testing::TempDir() + "meshdns-hosts-" +
                      ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Hosts, AnswersAddressesInTheOrderOfTheLines) {
  const ChainOf hosts = chain("");
  const Answer ipv4 = hosts.ask({.name = "DB.Example.Org"});
  EXPECT_EQ(ipv4.source, "hosts");
  EXPECT_TRUE(ipv4.reply.aa);
  EXPECT_TRUE(ipv4.reply.ra);
  EXPECT_THAT(ipv4.reply.answer,
              ElementsAre("DB.Example.Org. 3600 IN A 10.0.0.1", "DB.Example.Org. 3600 IN A 10.0.0.2"));
  EXPECT_THAT(hosts.ask({.name = "db.example.org", .type = "AAAA"}).reply.answer,
              ElementsAre("db.example.org. 3600 IN AAAA fd00::1"));
  EXPECT_THAT(hosts.ask({.name = "db"}).reply.answer, ElementsAre("db. 3600 IN A 10.0.0.1"));
}

TEST_F(Hosts, AnswersATypeThatANameDoesNotHaveWithASoa) {
  const Answer answer = chain("example.org").ask({.name = "exact.wild.example.org", .type = "AAAA"});
  EXPECT_EQ(answer.outcome, "NODATA");
  EXPECT_THAT(answer.reply.authority,
              ElementsAre("example.org. 5 IN SOA localhost. nobody.invalid. 1 3600 1200 604800 5"));
  EXPECT_EQ(chain("").ask({.name = "db.example.org", .type = "MX"}).outcome, "NODATA");
  EXPECT_TRUE(chain("", "fallthrough_unsupported").ask({.name = "db.example.org", .type = "MX"}).passes);
}

TEST_F(Hosts, FailsNamesThatItDoesNotHaveUnlessTheyFallThrough) {
  EXPECT_EQ(chain("").ask({.name = "other.example.org"}).outcome, "SERVFAIL");
  EXPECT_TRUE(chain("", "fallthrough").ask({.name = "other.example.org"}).passes);
  const ChainOf some = chain("", "fallthrough example.org");
  EXPECT_TRUE(some.ask({.name = "other.example.org"}).passes);
  EXPECT_EQ(some.ask({.name = "other.example.com"}).outcome, "SERVFAIL");
  EXPECT_TRUE(chain("example.org").ask({.name = "other.example.com"}).passes) << "not one of its zones";
}

TEST_F(Hosts, TakesAWildcardForOneLabel) {
  const ChainOf hosts = chain("");
  EXPECT_THAT(hosts.ask({.name = "a.wild.example.org"}).reply.answer,
              ElementsAre("a.wild.example.org. 3600 IN A 10.0.0.9"));
  EXPECT_EQ(hosts.ask({.name = "a.b.wild.example.org"}).outcome, "SERVFAIL");
  EXPECT_EQ(hosts.ask({.name = "wild.example.org"}).outcome, "SERVFAIL");
}

TEST_F(Hosts, KnowsTheLinesOfWhatItAnswers) {
  const ChainOf hosts = chain("", "10.0.0.3 db.example.org\n10.0.0.4 other.example.org\n");
  const std::string file = path_.substr(path_.rfind('/') + 1);
  const auto lines = [&](const std::string& name, const std::string& type = "A") {
    return hosts.written("hosts", {.name = name, .type = type});
  };
  EXPECT_THAT(lines("db.example.org"), ElementsAre(file + ":2", file + ":3", "Corefile:3"));
  EXPECT_THAT(lines("DB"), ElementsAre(file + ":2"));
  EXPECT_THAT(lines("db.example.org", "AAAA"), ElementsAre(file + ":4"));
  EXPECT_THAT(lines("other.example.org"), ElementsAre("Corefile:4"));
  EXPECT_THAT(lines("a.wild.example.org"), ElementsAre(file + ":7"));
  EXPECT_THAT(lines("4.0.0.10.in-addr.arpa", "PTR"), ElementsAre("Corefile:4"));
  EXPECT_THAT(lines("other.example.org", "MX"), ElementsAre("Corefile:4")) << "the name is there";
  EXPECT_THAT(lines("nobody.example.org"), ElementsAre("Corefile:2")) << "the directive says that it is not";
}

TEST_F(Hosts, NamesItsAddressesInAnyZone) {
  const ChainOf hosts = chain("example.org");
  EXPECT_THAT(hosts.ask({.name = "1.0.0.10.in-addr.arpa", .type = "PTR"}).reply.answer,
              ElementsAre("1.0.0.10.in-addr.arpa. 3600 IN PTR db.example.org.",
                          "1.0.0.10.in-addr.arpa. 3600 IN PTR db."));
  EXPECT_THAT(hosts.ask({.name = "9.0.0.10.in-addr.arpa", .type = "PTR"}).reply.answer,
              ElementsAre("9.0.0.10.in-addr.arpa. 3600 IN PTR exact.wild.example.org."));
  EXPECT_TRUE(chain("").ask({.name = "7.0.0.10.in-addr.arpa", .type = "PTR"}).passes)
      << "an address that it does not have is for others";
  EXPECT_TRUE(chain("", "no_reverse").ask({.name = "1.0.0.10.in-addr.arpa", .type = "PTR"}).passes);
}

TEST_F(Hosts, HasLinesInTheCorefileToo) {
  const ChainOf hosts = chain("", "10.0.0.3 db.example.org\n 10.0.0.4 a.test b.test\n ttl 60\n fallthrough");
  EXPECT_THAT(hosts.ask({.name = "db.example.org"}).reply.answer.back(), "db.example.org. 60 IN A 10.0.0.3");
  EXPECT_THAT(hosts.ask({.name = "b.test"}).reply.answer, ElementsAre("b.test. 60 IN A 10.0.0.4"));
}

TEST_F(Hosts, SaysWhatIsWrong) {
  const auto fault = [](const std::string& options) {
    return fault_of("hosts /dev/null {\n" + options + "\n}");
  };
  EXPECT_EQ(fault("bogus"), "plugin/hosts: Corefile:3 - Error during parsing: unknown property 'bogus'");
  EXPECT_EQ(fault("10.0.0.1"),
            "plugin/hosts: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending "
            "after '10.0.0.1'");
  EXPECT_EQ(fault("10.0.0.1 a..b"),
            "plugin/hosts: Corefile:3 - Error during parsing: 'a..b' is not a name: empty label");
  EXPECT_EQ(
      fault("ttl 0"),
      "plugin/hosts: Corefile:3 - Error during parsing: ttl provided is invalid: '0', expected seconds, "
      "1..65535");
  EXPECT_EQ(fault("reload x"),
            "plugin/hosts: Corefile:3 - Error during parsing: invalid duration for reload 'x'");
  EXPECT_EQ(fault_of("hosts /missing/hosts"), "plugin/hosts: open /missing/hosts: no such file or directory");
  EXPECT_EQ(fault_of("hosts /tmp"), "plugin/hosts: open /tmp: is a directory");
}

TEST(HostsTable, FindsNamesInALargeFileAtOnce) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + " host-" + std::to_string(i) +
            ".example.org\n";
  }
  plugin::HostsTable table;
  table.add_lines(text, {});
  EXPECT_EQ(table.name_count(), 20'000U);
  const auto* found = table.find(DomainName::parse("host-19999.example.org").value().wire());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->ipv4.at(0).address.to_string(), "10.0.79.249");
}

}  // namespace
}  // namespace meshdns::test
