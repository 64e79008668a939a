#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/template/rendering.hpp"
#include "zones/template/limits.hpp"

namespace meshdns::templates {
namespace {

using ::testing::HasSubstr;

std::string repeated(std::string_view what, std::size_t count) {
  std::string text;
  while (count-- > 0) {
    text += what;
  }
  return text;
}

TEST(GoTemplateLimit, BoundsTheTemplate) {
  EXPECT_EQ(rendered(std::string(kMaxTemplate, 'a')).size(), kMaxTemplate);
  EXPECT_THAT(rendered(std::string(kMaxTemplate + 1, 'a')), HasSubstr("expected at most 65536"));
}

TEST(GoTemplateLimit, BoundsNesting) {
  const auto nested = [](std::size_t depth) {
    return repeated("{{if true}}", depth) + "a" + repeated("{{end}}", depth);
  };
  EXPECT_EQ(rendered(nested(kMaxDepth)), "a");
  EXPECT_THAT(rendered(nested(kMaxDepth + 1)), HasSubstr("nested too deeply"));

  const auto in_parentheses = [](std::size_t depth) {
    return "{{" + repeated("(", depth) + "1" + repeated(")", depth) + "}}";
  };
  EXPECT_EQ(rendered(in_parentheses(kMaxDepth - 1)), "1");
  EXPECT_THAT(rendered(in_parentheses(kMaxDepth)), HasSubstr("nested too deeply"));
  EXPECT_THAT(rendered(in_parentheses(30'000)), HasSubstr("nested too deeply"));

  const auto piped = [](std::size_t stages) { return "{{1" + repeated("|not", stages) + "}}"; };
  EXPECT_EQ(rendered(piped(kMaxDepth - 1)), "false");
  EXPECT_THAT(rendered(piped(kMaxDepth)), HasSubstr("nested too deeply"));
}

TEST(GoTemplateLimit, DoesNotCountElseIfAsNesting) {
  EXPECT_EQ(rendered("{{if .x}}a" + repeated("{{else if .x}}b", 1000) + "{{else}}c{{end}}"), "c");
}

TEST(GoTemplateLimit, BoundsWhatIsRendered) {
  const Fields fields{{"x", std::string(1000, 'x')}};
  EXPECT_EQ(rendered(repeated("{{.x}}", 65), fields).size(), 65'000);
  EXPECT_EQ(rendered(repeated("{{.x}}", 66), fields), "render: more than 65536 octets are rendered");
}

TEST(GoTemplateLimit, BoundsPrintf) {
  EXPECT_EQ(rendered("{{printf \"%99999d\" 1}}"), "render: printf makes more than 65536 octets");
  EXPECT_EQ(rendered("{{len (printf \"%65536d\" 1)}}"), "65536");
  EXPECT_EQ(rendered(repeated("{{if printf \"%60000d\" 1}}{{end}}", 5)),
            "render: printf makes more than 262144 octets");
}

TEST(GoTemplateLimit, TakesManyArguments) {
  EXPECT_EQ(rendered("{{eq 1" + repeated(" 2", 10'000) + " 1}}"), "true");
  EXPECT_EQ(rendered("{{or" + repeated(" 0", 10'000) + " 7}}"), "7");
}

}  // namespace
}  // namespace meshdns::templates
