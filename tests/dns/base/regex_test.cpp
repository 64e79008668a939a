#include "dns/base/regex.hpp"

#include <array>

#include <gtest/gtest.h>

namespace meshdns::base {
namespace {

Regex compiled(std::string_view pattern) {
  auto regex = Regex::compile(pattern);
  EXPECT_TRUE(regex) << (regex ? "" : regex.error().what);
  return *regex;
}

TEST(Regex, MatchesAnywhereUnlessAnchored) {
  EXPECT_TRUE(compiled("i/o timeout").matches("read udp 127.0.0.1:53: i/o timeout"));
  EXPECT_TRUE(compiled(".* i/o timeout$").matches("read udp 127.0.0.1:53: i/o timeout"));
  EXPECT_FALSE(compiled("^i/o timeout").matches("read udp 127.0.0.1:53: i/o timeout"));
  EXPECT_TRUE(compiled("").matches(""));
}

TEST(Regex, CapturesGroupsByNumberAndName) {
  const Regex regex = compiled(R"(^ip-(?P<a>\d+)-(\d+)(-x)?\.example\.$)");
  std::array<std::string_view, 5> groups;
  groups.fill("stale");
  ASSERT_TRUE(regex.captures("ip-10-20.example.", groups));
  EXPECT_EQ(groups[0], "ip-10-20.example.");
  EXPECT_EQ(groups[1], "10");
  EXPECT_EQ(groups[2], "20");
  EXPECT_EQ(groups[3], "");  // took no part
  EXPECT_EQ(groups[4], "");  // does not exist
  EXPECT_EQ(regex.group_count(), 3U);
  EXPECT_EQ(regex.group_named("a"), 1U);
  EXPECT_EQ(regex.group_named("b"), 0U);
  EXPECT_EQ(regex.group_named(""), 0U);
  EXPECT_FALSE(regex.captures("ip-10.example.", groups));
}

TEST(Regex, FewerGroupsMayBeAskedFor) {
  std::array<std::string_view, 1> whole;
  ASSERT_TRUE(compiled("b(c)(d)").captures("abcde", whole));
  EXPECT_EQ(whole[0], "bcd");
}

TEST(Regex, FaultsQuoteTheExpression) {
  const auto open = Regex::compile("(a");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().what, "invalid regular expression '(a': missing ): (a");
  EXPECT_FALSE(Regex::compile("(?=a)")) << "look-ahead is not in RE2";
  EXPECT_FALSE(Regex::compile(std::string(Regex::kMaxPatternSize + 1, 'a')));
  std::string groups;
  for (std::size_t i = 0; i <= Regex::kMaxGroups; ++i) {
    groups += "(a)";
  }
  EXPECT_FALSE(Regex::compile(groups));
}

TEST(Regex, IsAValue) {
  Regex first = compiled("a");
  const Regex copy = first;
  first = compiled("b");
  EXPECT_TRUE(copy.matches("a"));
  EXPECT_EQ(copy.pattern(), "a");
  EXPECT_EQ(first.pattern(), "b");
}

}  // namespace
}  // namespace meshdns::base
