#include "dns/forward/upstream_health.hpp"

#include <array>
#include <set>

#include <gmock/gmock.h>

namespace meshdns::forward {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

const Clock::time_point kStart = Clock::time_point() + std::chrono::hours(1);

TEST(UpstreamHealth, IsDownFromAFailureToTheNextAnswer) {
  UpstreamHealth health;
  EXPECT_FALSE(health.is_down(1));
  health.failed(kStart, kStart + milliseconds(400));
  EXPECT_TRUE(health.is_down(1));
  health.answered(kStart + milliseconds(500));
  EXPECT_FALSE(health.is_down(1));
}

TEST(UpstreamHealth, CountsFailuresInARow) {
  UpstreamHealth health;
  health.failed(kStart, kStart);
  health.failed(kStart, kStart);
  EXPECT_TRUE(health.is_down(2));
  EXPECT_FALSE(health.is_down(3));
  EXPECT_FALSE(health.is_down(0)) << "never";
  health.answered(kStart + milliseconds(1));
  health.failed(kStart + milliseconds(2), kStart + milliseconds(2));
  EXPECT_FALSE(health.is_down(2));
}

TEST(UpstreamHealth, OneSlowNameDoesNotMakeASilentServer) {
  UpstreamHealth health;
  health.answered(kStart + milliseconds(100));
  health.failed(kStart, kStart + milliseconds(400));
  EXPECT_FALSE(health.is_down(1));
}

TEST(UpstreamHealth, IsProbedAnIntervalAfterTheFirstFailureAndAfterEachProbe) {
  UpstreamHealth health;
  health.failed(kStart, kStart);
  health.failed(kStart, kStart + milliseconds(900));
  EXPECT_EQ(health.probe_due(milliseconds(1000)), kStart + milliseconds(1000));
  health.probed(kStart + milliseconds(1010));
  EXPECT_EQ(health.probe_due(milliseconds(1000)), kStart + milliseconds(2010));
}

class OrderOfUpstreams : public ::testing::Test {
 protected:
  std::vector<std::size_t> order(ForwardPolicy policy, std::uint32_t turn) {
    const auto places = upstream_order(policy, 1, std::array<const UpstreamHealth*, 3>{&a, &b, &c}, turn);
    return {places.begin(), places.end()};
  }
  UpstreamHealth a, b, c;
};

TEST_F(OrderOfUpstreams, SequentialIsTheWrittenOne) {
  EXPECT_THAT(order(ForwardPolicy::Sequential, 7), ElementsAre(0, 1, 2));
}

TEST_F(OrderOfUpstreams, RoundRobinTurns) {
  EXPECT_THAT(order(ForwardPolicy::RoundRobin, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(order(ForwardPolicy::RoundRobin, 4), ElementsAre(1, 2, 0));
}

TEST_F(OrderOfUpstreams, RandomReachesEveryOrder) {
  std::set<std::vector<std::size_t>> seen;
  for (std::uint32_t turn = 0; turn < 200; ++turn) {
    seen.insert(order(ForwardPolicy::Random, turn));
  }
  EXPECT_EQ(seen.size(), 6U);
}

TEST_F(OrderOfUpstreams, ThoseThatAreDownComeLastInTheirOrder) {
  a.failed(kStart, kStart);
  EXPECT_THAT(order(ForwardPolicy::Sequential, 0), ElementsAre(1, 2, 0));
  b.failed(kStart, kStart);
  EXPECT_THAT(order(ForwardPolicy::Sequential, 0), ElementsAre(2, 0, 1));
  c.failed(kStart, kStart);
  EXPECT_THAT(order(ForwardPolicy::Sequential, 0), ElementsAre(0, 1, 2));
}

TEST_F(OrderOfUpstreams, OfNobodyIsEmpty) {
  EXPECT_TRUE(upstream_order(ForwardPolicy::RoundRobin, 1, {}, 3).empty());
}

}  // namespace
}  // namespace meshdns::forward
