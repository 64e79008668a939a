#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Whoami, TellsAddressPortAndProtocol) {
  const ChainOf chain("whoami");
  const Answer udp = chain.ask({.name = "Example.org", .type = "MX", .edns_size = 1232});
  EXPECT_EQ(udp.source, "whoami");
  EXPECT_EQ(udp.outcome, "NODATA");
  EXPECT_TRUE(udp.reply.aa);
  EXPECT_THAT(udp.reply.authority, IsEmpty());
  EXPECT_THAT(udp.reply.additional,
              ElementsAre("Example.org. 0 IN A 192.0.2.7", "_udp.Example.org. 0 IN SRV 0 0 4711 ."));
  EXPECT_THAT(chain.ask({.name = "."}, true).reply.additional,
              ElementsAre(". 0 IN A 192.0.2.7", "_tcp. 0 IN SRV 0 0 4711 ."));
}

TEST(Whoami, LeavesTheServiceOutWhereItsNameIsTooLong) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  EXPECT_EQ(ChainOf("whoami").ask({.name = longest}).reply.additional.size(), 1U);
}

}  // namespace
}  // namespace meshdns::test
