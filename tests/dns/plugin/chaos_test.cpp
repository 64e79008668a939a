#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;

QuerySpec chaos(std::string name, std::string type = "TXT") {
  return {.name = std::move(name), .type = std::move(type), .qclass = 3};
}

TEST(Chaos, SaysWhatItIsTold) {
  const ChainOf chain("chaos CoreDNS-1.14.7 \"Miek Gieben\" Anna \"Miek Gieben\"");
  const Answer version = chain.ask(chaos("Version.Bind"));
  EXPECT_THAT(version.reply.answer, ElementsAre("Version.Bind. 0 CH TXT \"CoreDNS-1.14.7\""));
  EXPECT_FALSE(version.reply.aa);
  EXPECT_EQ(chain.ask(chaos("version.server")).reply.answer.size(), 1U);
  EXPECT_THAT(chain.ask(chaos("authors.bind")).reply.answer,
              ElementsAre("authors.bind. 0 CH TXT \"Anna\"", "authors.bind. 0 CH TXT \"Miek Gieben\""));
}

TEST(Chaos, LeavesTheRestToTheServer) {
  const ChainOf chain("chaos");
  EXPECT_TRUE(chain.ask(chaos("version.bind")).passes) << "the program's own version";
  EXPECT_TRUE(chain.ask(chaos("authors.bind")).passes);
  const ChainOf named("chaos x");
  EXPECT_TRUE(named.ask(chaos("hostname.bind")).passes);
  EXPECT_TRUE(named.ask(chaos("version.bind", "A")).passes);
  EXPECT_TRUE(named.ask({.name = "version.bind", .type = "TXT"}).passes) << "class IN";
}

TEST(Chaos, CutsATextThatIsTooLong) {
  const ChainOf chain("chaos " + std::string(300, 'v'));
  EXPECT_THAT(chain.ask(chaos("version.bind")).reply.answer,
              ElementsAre("version.bind. 0 CH TXT \"" + std::string(255, 'v') + "\""));
}

}  // namespace
}  // namespace meshdns::test
