#include "dns/forward/token_bucket.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace meshdns::forward {
namespace {

using std::chrono::milliseconds;

constexpr Clock::time_point kStart{std::chrono::hours(1)};
constexpr Clock::time_point kEver = kStart + std::chrono::hours(1);

TEST(TokenBucket, GivesItsBurstAtOnceAndThenOneByOne) {
  TokenBucket bucket({.per_second = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bucket.next(kStart), kStart);
    EXPECT_EQ(bucket.take(kStart, kStart), kStart);
  }
  EXPECT_EQ(bucket.next(kStart), kStart + milliseconds(100));
  EXPECT_EQ(bucket.take(kStart, kStart), std::nullopt);
  EXPECT_EQ(bucket.take(kStart + milliseconds(99), kStart + milliseconds(99)), std::nullopt);
  EXPECT_EQ(bucket.take(kStart + milliseconds(100), kEver), kStart + milliseconds(100));
}

TEST(TokenBucket, TokensOfTheFutureAreGivenInTurn) {
  TokenBucket bucket({.per_second = 10, .burst = 1});
  EXPECT_EQ(bucket.take(kStart, kEver), kStart);
  EXPECT_EQ(bucket.take(kStart, kEver), kStart + milliseconds(100));
  EXPECT_EQ(bucket.take(kStart, kStart + milliseconds(199)), std::nullopt) << "too late, and not taken";
  EXPECT_EQ(bucket.take(kStart, kStart + milliseconds(200)), kStart + milliseconds(200));
  EXPECT_EQ(bucket.next(kStart), kStart + milliseconds(300));
}

TEST(TokenBucket, SavesUpNoMoreThanItsBurst) {
  TokenBucket bucket({.per_second = 1000, .burst = 2});
  const auto later = kStart + std::chrono::minutes(10);
  EXPECT_EQ(bucket.take(kStart, kStart), kStart);
  EXPECT_EQ(bucket.take(later, later), later);
  EXPECT_EQ(bucket.take(later, later), later);
  EXPECT_EQ(bucket.take(later, later), std::nullopt);
}

TEST(TokenBucket, KeepsToTheLargestNumbers) {
  TokenBucket bucket({.per_second = 4'294'967'295, .burst = 4'294'967'295});
  EXPECT_EQ(bucket.take(kStart, kStart), kStart);
  TokenBucket slow({.per_second = 1, .burst = 4'294'967'295});
  EXPECT_EQ(slow.take(kStart, kStart), kStart);
  EXPECT_EQ(slow.next(kStart), kStart);
}

TEST(TokenBucket, ThreadsTogetherGetNoMore) {
  TokenBucket bucket({.per_second = 1, .burst = 1000});
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          taken += bucket.take(kStart, kStart) ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace meshdns::forward
