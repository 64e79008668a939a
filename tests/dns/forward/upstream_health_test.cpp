#include "dns/forward/upstream_health.hpp"

#include <array>
#include <set>

#include <gmock/gmock.h>

namespace meshdns::forward {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

const Clock::time_point kStart = Clock::time_point() + std::chrono::hours(1);

TEST(UpstreamHealth, IsSilentFromAFailureToTheNextAnswer) {
  UpstreamHealth health;
  EXPECT_FALSE(health.is_silent());
  health.failed(kStart, kStart + milliseconds(400));
  EXPECT_TRUE(health.is_silent());
  health.answered(kStart + milliseconds(500));
  EXPECT_FALSE(health.is_silent());
}

TEST(UpstreamHealth, OneSlowNameDoesNotMakeASilentServer) {
  UpstreamHealth health;
  health.answered(kStart + milliseconds(100));
  health.failed(kStart, kStart + milliseconds(400));
  EXPECT_FALSE(health.is_silent());
}

TEST(UpstreamHealth, IsProbedOncePerSecondWhileSilent) {
  UpstreamHealth health;
  EXPECT_FALSE(health.take_probe(kStart));
  health.failed(kStart, kStart);
  EXPECT_FALSE(health.take_probe(kStart + milliseconds(999)));
  EXPECT_TRUE(health.take_probe(kStart + milliseconds(1000)));
  EXPECT_FALSE(health.take_probe(kStart + milliseconds(1001)));
  EXPECT_TRUE(health.take_probe(kStart + milliseconds(2000)));
  health.answered(kStart + milliseconds(2001));
  EXPECT_FALSE(health.take_probe(kStart + milliseconds(9000)));
}

class UpstreamOrder : public ::testing::Test {
 protected:
  std::vector<std::size_t> order(ForwardPolicy policy, std::uint32_t turn) {
    return upstream_order(policy, std::array<const UpstreamHealth*, 3>{&a, &b, &c}, turn);
  }
  UpstreamHealth a, b, c;
};

TEST_F(UpstreamOrder, SequentialIsTheWrittenOne) {
  EXPECT_THAT(order(ForwardPolicy::Sequential, 7), ElementsAre(0, 1, 2));
}

TEST_F(UpstreamOrder, RoundRobinTurns) {
  EXPECT_THAT(order(ForwardPolicy::RoundRobin, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(order(ForwardPolicy::RoundRobin, 4), ElementsAre(1, 2, 0));
}

TEST_F(UpstreamOrder, RandomReachesEveryOrder) {
  std::set<std::vector<std::size_t>> seen;
  for (std::uint32_t turn = 0; turn < 200; ++turn) {
    seen.insert(order(ForwardPolicy::Random, turn));
  }
  EXPECT_EQ(seen.size(), 6U);
}

TEST_F(UpstreamOrder, SilentOnesComeLastInTheirOrder) {
  a.failed(kStart, kStart);
  EXPECT_THAT(order(ForwardPolicy::Sequential, 0), ElementsAre(1, 2, 0));
  b.failed(kStart, kStart);
  EXPECT_THAT(order(ForwardPolicy::Sequential, 0), ElementsAre(2, 0, 1));
  c.failed(kStart, kStart);
  EXPECT_THAT(order(ForwardPolicy::Sequential, 0), ElementsAre(0, 1, 2));
}

TEST_F(UpstreamOrder, OfNobodyIsEmpty) {
  EXPECT_TRUE(upstream_order(ForwardPolicy::RoundRobin, {}, 3).empty());
}

}  // namespace
}  // namespace meshdns::forward
