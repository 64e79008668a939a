#include "dns/server/parked_queries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::server {
namespace {

using Clock = std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ParkedQueriesTest : public testing::Test {
 protected:
  // `mark` tells queries apart.
  static ParkedQuery query(std::uint8_t mark, Clock::time_point received = Clock::now()) {
    return {.packet = {mark}, .listen = {}, .client = {}, .received = received, .deliver = {}};
  }
  std::vector<int> taken() {
    std::vector<int> marks;
    for (const ParkedQuery& each : parked.take_all()) {
      marks.push_back(each.packet[0]);
    }
    return marks;
  }

  boost::asio::io_context loop;
  std::vector<int> given_up;
  ParkedQueries parked{loop, [this](const ParkedQuery& each) { given_up.push_back(each.packet[0]); }};
};

TEST_F(ParkedQueriesTest, GivesUpOnThoseThatHaveWaitedLongest) {
  const auto now = Clock::now();
  parked.add(query(3, now));
  parked.add(
      query(1, now - ParkedQueries::kPatience + std::chrono::milliseconds(100)));  // parked a second time
  parked.add(query(2, now - ParkedQueries::kPatience + std::chrono::milliseconds(200)));
  while (given_up.size() < 2) {
    loop.run_one();
  }
  EXPECT_THAT(given_up, ElementsAre(1, 2));
  EXPECT_GE(Clock::now() - now, std::chrono::milliseconds(200));
  EXPECT_FALSE(parked.is_empty());
  EXPECT_THAT(taken(), ElementsAre(3));
}

TEST_F(ParkedQueriesTest, HandsThemOutInTheOrderInWhichTheyCame) {
  const auto now = Clock::now();
  parked.add(query(2, now));
  parked.add(query(3, now));
  parked.add(query(1, now - std::chrono::milliseconds(1)));
  EXPECT_THAT(taken(), ElementsAre(1, 2, 3));
  EXPECT_TRUE(parked.is_empty());
  loop.run();
  EXPECT_THAT(given_up, IsEmpty()) << "those that were taken wait no more";
}

TEST_F(ParkedQueriesTest, HasRoomForSoManyOfSuchASize) {
  EXPECT_TRUE(parked.has_room_for(ParkedQueries::kMaxPacket));
  EXPECT_FALSE(parked.has_room_for(ParkedQueries::kMaxPacket + 1));
  for (std::size_t i = 0; i < ParkedQueries::kMaxQueries; ++i) {
    ASSERT_TRUE(parked.has_room_for(12));
    parked.add(query(7));
  }
  EXPECT_FALSE(parked.has_room_for(12));
  parked.close();
  EXPECT_THAT(given_up, SizeIs(ParkedQueries::kMaxQueries));
  EXPECT_FALSE(parked.has_room_for(12)) << "the end is the end";
}

}  // namespace
}  // namespace meshdns::server
