#include "dns/base/log_limiter.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace meshdns::base {
namespace {

using namespace std::chrono_literals;

class LogLimiterTest : public testing::Test {
 protected:
  std::vector<std::string> lines;
  std::vector<LogLevel> levels;
  LogSink sink = [this](LogLevel level, std::string_view text) {
    levels.push_back(level);
    lines.emplace_back(text);
  };
  LogLimiter limiter{sink, 10s};
  LogLimiter::Clock::time_point start{1000s};
};

TEST_F(LogLimiterTest, LetsTheFirstLineThroughUnchanged) {
  limiter.log(LogLevel::Warning, "upstream", "10.0.0.1 is silent", start);
  EXPECT_EQ(lines, std::vector<std::string>{"10.0.0.1 is silent"});
  EXPECT_EQ(levels, std::vector{LogLevel::Warning});
}

TEST_F(LogLimiterTest, HoldsBackWhatFollowsWithinTheInterval) {
  limiter.log(LogLevel::Warning, "upstream", "first", start);
  limiter.log(LogLevel::Warning, "upstream", "second", start + 1s);
  limiter.log(LogLevel::Warning, "upstream", "third", start + 9999ms);
  EXPECT_EQ(lines.size(), 1U);
}

TEST_F(LogLimiterTest, TellsHowManyWereHeldBack) {
  for (int i = 0; i < 6; ++i) {
    limiter.log(LogLevel::Warning, "upstream", "again", start + i * 1s);
  }
  limiter.log(LogLevel::Warning, "upstream", "later", start + 12s);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1], "later (5 more like it in the last 12 s)");
}

TEST_F(LogLimiterTest, StartsToCountAnewAfterEachLine) {
  limiter.log(LogLevel::Info, "upstream", "first", start);
  limiter.log(LogLevel::Info, "upstream", "held", start + 1s);
  limiter.log(LogLevel::Info, "upstream", "second", start + 10s);
  limiter.log(LogLevel::Info, "upstream", "held", start + 19s);
  limiter.log(LogLevel::Info, "upstream", "third", start + 20s);
  limiter.log(LogLevel::Info, "upstream", "fourth", start + 30s);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[2], "third (1 more like it in the last 10 s)");
  EXPECT_EQ(lines[3], "fourth");
}

TEST_F(LogLimiterTest, KeepsKindsApart) {
  limiter.log(LogLevel::Warning, "upstream", "silent", start);
  limiter.log(LogLevel::Error, "zone", "bad file", start);
  EXPECT_EQ(lines, (std::vector<std::string>{"silent", "bad file"}));
}

}  // namespace
}  // namespace meshdns::base
