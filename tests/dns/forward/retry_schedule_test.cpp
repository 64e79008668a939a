#include "dns/forward/retry_schedule.hpp"

#include <gmock/gmock.h>

namespace meshdns::forward {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

constexpr RetrySchedule::Rules kNeedsEdns{.needs_edns = true};

// Whom a question asks that nobody answers.
std::vector<std::size_t> asked_in_silence(const UpstreamOrder& order) {
  RetrySchedule schedule(order, kNeedsEdns);
  std::vector<std::size_t> asked{schedule.first().upstream};
  while (schedule.patience()) {
    asked.push_back(schedule.on_silence()->upstream);
  }
  return asked;
}

TEST(RetrySchedule, GoesRoundTheUpstreams) {
  EXPECT_THAT(asked_in_silence({0}), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(asked_in_silence({1, 0}), ElementsAre(1, 0, 1, 0, 1));
  EXPECT_THAT(asked_in_silence({2, 0, 1, 3, 4, 5}), ElementsAre(2, 0, 1, 3, 4));
}

TEST(RetrySchedule, SendsItsLastMessageLongBeforeTheDeadline) {
  RetrySchedule schedule({0}, kNeedsEdns);
  schedule.first();
  milliseconds sum{0};
  EXPECT_EQ(schedule.patience(), milliseconds(400));
  while (const auto patience = schedule.patience()) {
    sum += *patience;
    schedule.on_silence();
  }
  EXPECT_EQ(sum, milliseconds(2800));
}

TEST(RetrySchedule, TriesWithoutOptInTheEnd) {
  RetrySchedule schedule({0}, RetrySchedule::Rules{});
  EXPECT_TRUE(schedule.first().with_edns);
  EXPECT_TRUE(schedule.on_silence()->with_edns);
  EXPECT_TRUE(schedule.on_silence()->with_edns);
  EXPECT_FALSE(schedule.on_silence()->with_edns);
}

TEST(RetrySchedule, KeepsOptForWhoAskedForDnssec) {
  RetrySchedule schedule({0}, kNeedsEdns);
  schedule.first();
  while (schedule.patience()) {
    EXPECT_TRUE(schedule.on_silence()->with_edns);
  }
}

TEST(RetrySchedule, AFailureAsksTheNextOneAtOnceAndEveryoneOnce) {
  RetrySchedule schedule({0, 1, 2}, kNeedsEdns);
  schedule.first();
  EXPECT_EQ(schedule.on_failure(0), Ask{.upstream = 1});
  EXPECT_EQ(schedule.on_failure(0), std::nullopt);
  EXPECT_EQ(schedule.on_failure(1), Ask{.upstream = 2});
  EXPECT_FALSE(schedule.is_over());
  EXPECT_EQ(schedule.on_failure(2), std::nullopt);
  EXPECT_TRUE(schedule.is_over());
  EXPECT_EQ(schedule.on_silence(), std::nullopt);
}

TEST(RetrySchedule, SilenceIsSpentOnThoseWhoMayStillAnswer) {
  RetrySchedule schedule({0, 1}, kNeedsEdns);
  schedule.first();
  schedule.on_failure(0);
  EXPECT_EQ(schedule.on_silence()->upstream, 1U);
  EXPECT_EQ(schedule.on_silence()->upstream, 1U);
}

TEST(RetrySchedule, SendsNoMoreMessagesThanAllowed) {
  RetrySchedule schedule({0, 1, 2}, {.max_attempts = 2});
  schedule.first();
  EXPECT_EQ(schedule.on_failure(0), Ask{.upstream = 1});
  EXPECT_EQ(schedule.patience(), std::nullopt) << "the second one is only waited for";
  EXPECT_FALSE(schedule.is_over());
  EXPECT_EQ(schedule.on_failure(1), std::nullopt);
  EXPECT_TRUE(schedule.is_over());
}

TEST(RetrySchedule, AsksEachUpstreamNoMoreOftenThanAllowed) {
  RetrySchedule schedule({0, 1}, {.max_rounds = 2});
  schedule.first();
  EXPECT_EQ(schedule.on_failure(0)->upstream, 1U) << "0 has had its say";
  EXPECT_EQ(schedule.on_silence()->upstream, 1U);
  EXPECT_EQ(schedule.patience(), std::nullopt);
  EXPECT_FALSE(schedule.is_over()) << "an answer of 1 may still come";
}

TEST(RetrySchedule, TheSoonestTakesTheTurnOfAnother) {
  RetrySchedule schedule({2, 0, 1}, {.max_rounds = 1});
  const auto when = [](std::size_t upstream) { return upstream == 2 ? 9 : 1; };
  EXPECT_EQ(schedule.soonest(schedule.first(), when), Ask{.upstream = 0}) << "the first of equal ones";
  const auto all = [](std::size_t) { return 1; };
  EXPECT_EQ(schedule.soonest(*schedule.on_silence(), all), Ask{.upstream = 2}) << "its turn comes later";
  EXPECT_EQ(schedule.soonest(*schedule.on_silence(), when), Ask{.upstream = 1}) << "0 was asked already";
  EXPECT_EQ(schedule.patience(), std::nullopt);
}

TEST(RetrySchedule, WhatIsSkippedWasNotAsked) {
  RetrySchedule schedule({0}, {.max_attempts = 2});
  schedule.first();
  schedule.skip(*schedule.on_silence());
  EXPECT_NE(schedule.patience(), std::nullopt);
  EXPECT_TRUE(schedule.on_silence());
  EXPECT_EQ(schedule.patience(), std::nullopt);
}

}  // namespace
}  // namespace meshdns::forward
