#include "dns/forward/failure_memo.hpp"

#include <gtest/gtest.h>

namespace meshdns::forward {
namespace {

using std::chrono::milliseconds;

const Clock::time_point kStart = Clock::time_point() + std::chrono::hours(1);

TEST(FailureMemo, RemembersForOneSecond) {
  FailureMemo memo;
  EXPECT_EQ(memo.find("a", kStart), nullptr);
  memo.remember("a", "i/o timeout", kStart);
  ASSERT_NE(memo.find("a", kStart + milliseconds(999)), nullptr);
  EXPECT_EQ(*memo.find("a", kStart + milliseconds(999)), "i/o timeout");
  EXPECT_EQ(memo.find("b", kStart), nullptr);
  EXPECT_EQ(memo.find("a", kStart + milliseconds(1000)), nullptr);
}

TEST(FailureMemo, CountsFromTheFirstFailure) {
  FailureMemo memo;
  memo.remember("a", "one", kStart);
  memo.remember("a", "two", kStart + milliseconds(500));
  EXPECT_EQ(memo.find("a", kStart + milliseconds(1000)), nullptr);
}

TEST(FailureMemo, ForgetsTheOldestOneWhenItIsFull) {
  FailureMemo memo;
  for (std::size_t i = 0; i <= FailureMemo::kMaxFailures; ++i) {
    memo.remember(std::to_string(i), "", kStart);
  }
  EXPECT_EQ(memo.find("0", kStart), nullptr);
  EXPECT_NE(memo.find("1", kStart), nullptr);
  EXPECT_NE(memo.find(std::to_string(FailureMemo::kMaxFailures), kStart), nullptr);
}

}  // namespace
}  // namespace meshdns::forward
