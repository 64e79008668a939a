#include "bench/load/in_flight.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::load {
namespace {

using testing::HasSubstr;

std::string answer(std::string_view query) {
  std::string reply(query);
  reply[2] = static_cast<char>(0x85);
  reply[7] = 1;
  return reply;
}

class InFlightTest : public testing::Test {
 protected:
  InFlightTest() : meter_(plan(), Clock::time_point{}) { meter_.tick(now_); }

  static LoadPlan plan() {
    LoadPlan plan;
    plan.warm_up = {};
    plan.counted = std::chrono::seconds(1);
    return plan;
  }
  std::string books() {
    meter_.tick(now_ + std::chrono::seconds(1));
    return meter_.report();
  }

  Clock::time_point now_;
  QuerySource source_ = *QuerySource::open({*encode_query("web.mesh A records", false)}, false, 0);
  Meter meter_;
};

TEST_F(InFlightTest, BooksEachQueryOnce) {
  InFlight waiting(source_, meter_, 3);
  const std::string good = answer(waiting.take(now_));
  std::string bad = answer(waiting.take(now_));
  bad[3] = 2;
  waiting.take(now_);
  EXPECT_TRUE(waiting.is_full());

  waiting.settle(bad, now_);
  waiting.settle(good, now_ + std::chrono::microseconds(40));
  waiting.settle(good, now_);
  waiting.give_up();
  EXPECT_TRUE(waiting.is_empty());
  EXPECT_THAT(books(), HasSubstr("sent=3 received=1 lost=1 bad=1 stray=1"));
}

TEST_F(InFlightTest, ALateReplyIsNotTakenForTheAnswerToTheNextQuery) {
  InFlight waiting(source_, meter_, 1);
  const std::string late = answer(waiting.take(now_));
  waiting.give_up();
  const std::string good = answer(waiting.take(now_));
  waiting.settle(late, now_);
  EXPECT_FALSE(waiting.is_empty());
  waiting.settle(good, now_);
  EXPECT_THAT(books(), HasSubstr("sent=2 received=1 lost=1 bad=0 stray=1"));
}

TEST_F(InFlightTest, GivesUpOnlyOnWhatIsOldEnough) {
  InFlight waiting(source_, meter_, 2);
  waiting.take(now_);
  waiting.take(now_ + std::chrono::milliseconds(10));
  waiting.give_up(now_ + std::chrono::milliseconds(5));
  EXPECT_FALSE(waiting.is_empty());
  EXPECT_THAT(books(), HasSubstr("lost=1"));
}

TEST(Meter, CountsOnlyTheCountedIntervalAndStopsSending) {
  LoadPlan plan;
  plan.warm_up = std::chrono::seconds(1);
  plan.counted = std::chrono::seconds(2);
  plan.rate = 100;
  const Clock::time_point start{};
  Meter meter(plan, start);
  EXPECT_EQ(meter.allowance(start + std::chrono::milliseconds(50)), 5U);
  EXPECT_FALSE(meter.sent());
  EXPECT_EQ(meter.allowance(start + std::chrono::milliseconds(50)), 4U);
  meter.tick(start + std::chrono::seconds(1));
  EXPECT_TRUE(meter.sent());
  EXPECT_FALSE(meter.is_over(start + std::chrono::seconds(2), true));
  meter.tick(start + std::chrono::seconds(3));
  EXPECT_EQ(meter.allowance(start + std::chrono::seconds(3)), 0U);
  EXPECT_TRUE(meter.is_over(start + std::chrono::seconds(3), true));
  EXPECT_FALSE(meter.is_over(start + std::chrono::seconds(3), false));
  EXPECT_TRUE(meter.is_over(start + std::chrono::seconds(4), false));
  EXPECT_THAT(meter.report(), HasSubstr("sent=1 "));
}

}  // namespace
}  // namespace meshdns::load
