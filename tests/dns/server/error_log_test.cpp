#include "dns/server/error_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/wire/message.hpp"

namespace meshdns::server {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ErrorLogTest : public ::testing::Test {
 protected:
  void make(const std::vector<ConsolidateOptions>& options) {
    errors = ErrorLog::make(sink, options).value();
  }

  void report(std::string_view error, std::chrono::milliseconds at = 0ms) {
    const DomainName name = *DomainName::parse("drop.test");
    errors->report(wire::rcode::ServFail, name.wire(), wire::type::A, error, start + at);
  }

  std::vector<std::string> lines;
  LogSink sink = [this](LogLevel level, std::string_view text) {
    lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(text));
  };
  const ErrorLog::Clock::time_point start = ErrorLog::Clock::now();
  std::shared_ptr<ErrorLog> errors;
};

TEST_F(ErrorLogTest, WritesOneLineOfManyAndCountsTheOthers) {
  make({});
  for (int i = 0; i < 1000; ++i) {
    report("read udp 127.0.0.1:25355: i/o timeout", std::chrono::milliseconds(i));
  }
  EXPECT_THAT(lines, ElementsAre("3 plugin/errors: 2 drop.test. A: read udp 127.0.0.1:25355: i/o timeout"));
  report("connection refused", 10s);
  EXPECT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[1],
            "3 plugin/errors: 2 drop.test. A: connection refused (999 more like it in the last 10 s)");
}

TEST_F(ErrorLogTest, AMinuteOfDeadUpstreamsIsAFewLines) {
  make({});
  for (int i = 0; i < 60'000; ++i) {
    report("read udp 127.0.0.1:25355: i/o timeout", std::chrono::milliseconds(i));
  }
  EXPECT_LE(lines.size(), 7U);
}

TEST_F(ErrorLogTest, CountsWhatAPatternCovers) {
  make({{.interval = 30s, .pattern = ".* i/o timeout$", .level = LogLevel::Warning}});
  report("read udp: i/o timeout");
  report("read tcp: i/o timeout", 29s);
  report("connection refused", 29s);
  EXPECT_THAT(lines, ElementsAre("3 plugin/errors: 2 drop.test. A: connection refused"));
  errors->write_counts(false, start + 29s);
  EXPECT_THAT(lines, SizeIs(1));
  errors->write_counts(false, start + 30s);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[1], "2 plugin/errors: 2 errors like '.* i/o timeout$' occurred in last 30s");
  errors->write_counts(false, start + 90s);
  EXPECT_THAT(lines, SizeIs(2)) << "nothing happened since";
}

TEST_F(ErrorLogTest, TheFirstPatternCounts) {
  make({{.interval = 90s, .pattern = "^2 .* A: "}, {.interval = 1s, .pattern = "timeout"}});
  report("timeout");
  errors->write_counts(true);
  EXPECT_THAT(lines, ElementsAre("3 plugin/errors: 1 errors like '^2 .* A: ' occurred in last 1m30s"));
}

TEST_F(ErrorLogTest, ShowsTheFirstOfAnIntervalWhenAsked) {
  make({{.interval = 1s, .pattern = "timeout", .show_first = true}});
  report("timeout");
  EXPECT_THAT(lines, ElementsAre("3 plugin/errors: 2 drop.test. A: timeout"));
  errors->write_counts(false, start + 1s);
  EXPECT_THAT(lines, SizeIs(1)) << "there is nothing more to tell";
  report("timeout", 2s);
  report("timeout", 2s);
  errors->write_counts(true);
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[2], "3 plugin/errors: 2 errors like 'timeout' occurred in last 1s");
}

TEST_F(ErrorLogTest, TellsHowOftenToLook) {
  make({});
  EXPECT_FALSE(errors->pace());
  make({{.interval = 1h, .pattern = "a"}, {.interval = 200ms, .pattern = "b"}});
  EXPECT_EQ(errors->pace(), 200ms);
}

TEST_F(ErrorLogTest, RefusesABadPattern) {
  EXPECT_FALSE(ErrorLog::make(sink, {{.interval = 1s, .pattern = "("}}));
  EXPECT_THAT(lines, IsEmpty());
}

}  // namespace
}  // namespace meshdns::server
