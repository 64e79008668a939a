#include <array>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns::corefile {
namespace {

using namespace std::chrono_literals;

Result<Corefile> block_with(std::string_view directives) {
  return parse_corefile(fmt::format(".:53 {{\n{}\n}}\n", directives), "Corefile");
}

CacheOptions good(std::string_view directives) {
  return block_with(directives).value().options.blocks.at(0).cache.value();
}

TEST(DirectiveCache, HasOurDefaults) {
  const CacheOptions cache = good("cache");
  EXPECT_EQ(cache, CacheOptions{});
  EXPECT_EQ(cache.success.max_ttl, 3600s);
  EXPECT_EQ(cache.denial.max_ttl, 30s);
  EXPECT_EQ(cache.success.min_ttl, 0s);
  EXPECT_EQ(cache.failure_ttl, 1s);
  EXPECT_FALSE(cache.stale);
  EXPECT_FALSE(block_with("errors").value().options.blocks.at(0).cache);
}

TEST(DirectiveCache, TakesTtlAndZones) {
  const CacheOptions cache = good("cache 120 example.org. 10.0.0.0/24");
  EXPECT_EQ(cache.success.max_ttl, 120s);
  EXPECT_EQ(cache.denial.max_ttl, 120s);
  ASSERT_EQ(cache.zones.size(), 2U);
  EXPECT_EQ(cache.zones[0].to_string(), "example.org");
  EXPECT_EQ(cache.zones[1].to_string(), "0.0.10.in-addr.arpa");
  EXPECT_EQ(good("cache example.org").success.max_ttl, 3600s);
}

TEST(DirectiveCache, TakesEveryOption) {
  const CacheOptions cache = good(R"(cache {
    success 5000 600 5
    denial 2000 60
    prefetch 3 30s 20%
    serve_stale 2h verify 500ms 10s 20s
    serve_stale_policy prefer_positive
    servfail 3s
    disable success example.org example.net
    disable denial
    keepttl
  })");
  EXPECT_EQ(cache.success.capacity, 5000U);
  EXPECT_EQ(cache.success.max_ttl, 600s);
  EXPECT_EQ(cache.success.min_ttl, 5s);
  EXPECT_EQ(cache.denial.capacity, 2000U);
  EXPECT_EQ(cache.denial.max_ttl, 60s);
  EXPECT_EQ(cache.prefetch_hits, 3U);
  EXPECT_EQ(cache.prefetch_gap, 30s);
  EXPECT_EQ(cache.prefetch_percent, 20U);
  EXPECT_EQ(cache.stale, (StaleOptions{.max_age = 2h,
                                       .asks_first = true,
                                       .wait = 500ms,
                                       .ttl = 10s,
                                       .recheck = 20s,
                                       .prefers_positive = true}));
  EXPECT_EQ(cache.failure_ttl, 3s);
  EXPECT_EQ(cache.success.disabled.size(), 2U);
  ASSERT_EQ(cache.denial.disabled.size(), 1U);
  EXPECT_TRUE(cache.denial.disabled[0].is_root());
  EXPECT_TRUE(cache.keeps_ttl);
}

TEST(DirectiveCache, StaleAnswersAskFirstUnlessToldOtherwise) {
  EXPECT_EQ(good("cache {\n serve_stale\n}").stale,
            (StaleOptions{.max_age = 1h, .asks_first = true, .wait = 1800ms, .ttl = 30s, .recheck = 30s}));
  EXPECT_EQ(good("cache {\n serve_stale 5m immediate 3s 4s\n}").stale,
            (StaleOptions{.max_age = 5min, .asks_first = false, .wait = 1800ms, .ttl = 3s, .recheck = 4s}));
}

TEST(DirectiveCache, FaultsAreCoreDnssWords) {
  struct Fault {
    std::string_view directives;
    std::string_view message;
  };
  const std::array faults = {
      Fault{"cache 0", "cache TTL can not be zero or negative: 0"},
      Fault{"cache -5 example.org", "cache TTL can not be zero or negative: -5"},
      Fault{"cache {\n success\n}",
            "Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after "
            "'success'"},
      Fault{"cache {\n success many\n}", "strconv.Atoi: parsing \"many\": invalid syntax"},
      Fault{"cache {\n success 100000000\n}", "cache capacity can not be above 10000000: 100000000"},
      Fault{"cache {\n denial 100 0\n}", "cache TTL can not be zero or negative: 0"},
      Fault{"cache {\n denial 100 5 -1\n}", "cache min TTL can not be negative: -1"},
      Fault{"cache {\n prefetch -1\n}", "prefetch amount should be positive: -1"},
      Fault{"cache {\n prefetch 1 soon\n}", "time: invalid duration \"soon\""},
      Fault{"cache {\n prefetch 1 1m 10\n}", "last character of percentage should be `%`, but is: '0'"},
      Fault{"cache {\n prefetch 1 1m 9%\n}", "percentage should fall in range [10, 90]: 9"},
      Fault{"cache {\n serve_stale -1h\n}", "invalid negative duration for serve_stale"},
      Fault{"cache {\n serve_stale 1h later\n}", "invalid value for serve_stale refresh mode: later"},
      Fault{"cache {\n serve_stale 1h immediate 1s 1s 1s\n}",
            "Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after '1s'"},
      Fault{"cache {\n serve_stale_policy prefer_positive\n}",
            "serve_stale_policy needs a serve_stale line before it"},
      Fault{"cache {\n serve_stale\n serve_stale_policy newest\n}",
            "invalid value for serve_stale_policy: newest"},
      Fault{"cache {\n servfail -1s\n}", "invalid negative ttl for servfail"},
      Fault{"cache {\n servfail 6m\n}", "caching SERVFAIL responses over 5 minutes is not permitted"},
      Fault{"cache {\n disable everything\n}", "cache type for disable must be \"success\" or \"denial\""},
      Fault{"cache {\n bogus\n}", "Corefile:3 - Error during parsing: unknown property 'bogus'"},
      Fault{"cache\ncache", "this plugin can only be used once per Server Block"},
  };
  for (const auto& [directives, message] : faults) {
    const auto corefile = block_with(directives);
    ASSERT_FALSE(corefile) << directives;
    EXPECT_EQ(corefile.error().what, fmt::format("plugin/cache: {}", message)) << directives;
  }
}

}  // namespace
}  // namespace meshdns::corefile
