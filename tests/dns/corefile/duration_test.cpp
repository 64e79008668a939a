#include "dns/corefile/duration.hpp"

#include <gtest/gtest.h>

namespace meshdns::corefile {
namespace {

std::int64_t milliseconds_of(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? duration->count() : -1;
}

TEST(ParseDuration, ReadsWhatGoReads) {
  const std::pair<std::string_view, std::int64_t> examples[] = {
      {"10s", 10'000},     {"100ms", 100}, {"1m30s", 90'000}, {"1.5h", 5'400'000}, {"0", 0},
      {"0s", 0},           {".5s", 500},   {"0.1s", 100},     {"1.s", 1000},       {"2500us", 2},
      {"1h1m", 3'660'000}, {"3µs", 0},     {"1000000ns", 1},  {"1m1ms", 60'001},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(milliseconds_of(text), expected) << text;
  }
}

TEST(ParseDuration, RefusesTheRest) {
  for (const char* text : {"", "10", "s", "10 s", "10s ", "-1s", "+1s", "1d", "1e3s", "inf", "nans", "1.2.3s",
                           "0x1s", ".s", "1sm", "9999999999h"}) {
    EXPECT_EQ(milliseconds_of(text), -1) << text;
  }
}

}  // namespace
}  // namespace meshdns::corefile
