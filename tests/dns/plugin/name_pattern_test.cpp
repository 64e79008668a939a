#include "dns/plugin/name_pattern.hpp"

#include <gtest/gtest.h>

namespace meshdns::plugin {
namespace {

using Kind = NameMatch::Kind;

struct Case {
  NameMatch match;
  std::string name;
  std::string to;
  std::optional<std::string> replaced;
};

TEST(NamePattern, ReplacesWhatMatches) {
  const Case cases[] = {
      {{Kind::Exact, "a.example."}, "a.example.", "b.test.", "b.test."},
      {{Kind::Exact, "a.example."}, "x.a.example.", "b.test.", std::nullopt},
      {{Kind::Prefix, "pay-"}, "pay-api.example.", "cash-", "cash-api.example."},
      {{Kind::Prefix, "pay-"}, "x.pay-api.example.", "cash-", std::nullopt},
      {{Kind::Suffix, ".example."}, "a.b.example.", ".test.", "a.b.test."},
      {{Kind::Suffix, ".example."}, "example.", ".test.", std::nullopt},
      {{Kind::Substring, "us"}, "us-west.us.example.", "eu", "eu-west.eu.example."},
      {{Kind::Substring, "us"}, "example.", "eu", std::nullopt},
      {{Kind::Substring, ""}, "example.", "eu", std::nullopt},
      {{Kind::Regex, R"((.*)-(us|eu)\.example\.)"}, "api-eu.example.", "{2}.{1}.test", "eu.api.test"},
      {{Kind::Regex, R"((.*)\.example\.)"}, "api.example.", "{1}.{9}.{x}{", "api.{9}.{x}{"},
      {{Kind::Regex, R"(^a\.)"}, "b.a.", "c.", std::nullopt},
  };
  for (const Case& one : cases) {
    const auto pattern = NamePattern::make(one.match);
    ASSERT_TRUE(pattern) << one.match.text;
    EXPECT_EQ(pattern->replaced(one.name, one.to), one.replaced) << one.match.text << " in " << one.name;
    EXPECT_EQ(pattern->matches(one.name), one.replaced.has_value()) << one.match.text << " in " << one.name;
  }
}

TEST(NamePattern, RefusesAnExpressionThatCannotBeCompiled) {
  EXPECT_FALSE(NamePattern::make({Kind::Regex, "("}));
}

TEST(NameMapping, ATreeIsANameAndWhatIsBelowIt) {
  const auto names = NameMapping::tree("b.test.", "a.example.");
  EXPECT_EQ(names.map("b.test."), "a.example.");
  EXPECT_EQ(names.map("x.b.test."), "x.a.example.");
  EXPECT_EQ(names.map("xb.test."), std::nullopt);
  EXPECT_EQ(names.map("test."), std::nullopt);
}

TEST(NameMapping, ASuffixIsText) {
  const auto names = NameMapping::suffix(".test.", ".example.");
  EXPECT_EQ(names.map("x.b.test."), "x.b.example.");
  EXPECT_EQ(names.map("test."), std::nullopt);
}

}  // namespace
}  // namespace meshdns::plugin
