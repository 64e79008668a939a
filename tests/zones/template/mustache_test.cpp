#include "zones/template/mustache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::templates {
namespace {

using ::testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

const Variables kVariables{{"host", "h1"},
                           {"ip", "10.0.0.7"},
                           {"net.v4.ip", "1.2.3.4"},
                           {"net.name", "lan"},
                           {"html", "<a href=\"x\">'&'</a>"},
                           {"empty", ""}};

std::string filled(std::string_view text, const Variables& variables = kVariables) {
  auto made = render_mustache(text, variables);
  return made ? *made : "fault: " + std::to_string(made.error().offset) + ": " + made.error().what;
}

TEST(Mustache, FillsVariables) {
  EXPECT_EQ(filled("name: cart-{{ host }}\naddress: {{ip}}\n"), "name: cart-h1\naddress: 10.0.0.7\n");
  EXPECT_EQ(filled("{{host}}{{host}}"), "h1h1");
  EXPECT_EQ(filled("{{\n host\n}}"), "h1");
  EXPECT_EQ(filled("a: {{empty}}|"), "a: |");
}

TEST(Mustache, LeavesOtherTextAsItIs) {
  const std::string text = "\r\n\ta: {b: [c, {d: e}]}  \n\n  }} # }}}\n";
  EXPECT_EQ(filled(text), text);
  EXPECT_EQ(filled(""), "");
  EXPECT_EQ(filled(text + "{{host}}" + text), text + "h1" + text);
}

TEST(Mustache, RendersUnknownVariablesEmpty) {
  EXPECT_EQ(filled("[{{nosuch}}] [{{{nosuch}}}] [{{net.nosuch}}] [{{host.nosuch}}] [{{net}}]"),
            "[] [] [] [] []");
  EXPECT_EQ(filled("a{{nosuch}}b", {}), "ab");
}

TEST(Mustache, FindsMembersOfNestedObjects) {
  EXPECT_EQ(filled("{{net.v4.ip}} {{net.name}}"), "1.2.3.4 lan");
}

TEST(Mustache, EscapesHtmlOnlyInTwoBraces) {
  EXPECT_EQ(filled("{{html}}"), "&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(filled("{{{html}}} {{& html }}"), "<a href=\"x\">'&'</a> <a href=\"x\">'&'</a>");
}

TEST(Mustache, DoesNotReadTagsInValues) {
  EXPECT_EQ(filled("{{{a}}}", {{"a", "{{b}}"}, {"b", "x"}}), "{{b}}");
}

TEST(Mustache, ShowsSectionsOfWhatIsThere) {
  EXPECT_EQ(filled("{{#host}}a{{/host}}{{^host}}b{{/host}}"), "a");
  EXPECT_EQ(filled("{{#nosuch}}a{{/nosuch}}{{^nosuch}}b{{/nosuch}}"), "b");
  EXPECT_EQ(filled("{{#empty}}a{{/empty}}{{^empty}}b{{/empty}}"), "a");
  EXPECT_EQ(filled("{{#net}}{{name}} {{v4.ip}} {{host}}{{/net}}"), "lan 1.2.3.4 h1");
  EXPECT_EQ(filled("a\n{{#host}}\n  b: {{ip}}\n{{/host}}\nc\n"), "a\n  b: 10.0.0.7\nc\n");
  EXPECT_EQ(filled("a\n{{#nosuch}}\n  b\n\n{{#x}}\ny\n{{/x}}\n{{/nosuch}}\nc\n"), "a\n\nc\n");
  EXPECT_EQ(filled("{{#host}}{{#nosuch}}a{{/nosuch}}{{^nosuch}}b{{/nosuch}}{{/host}}"), "b");
}

TEST(Mustache, SkipsComments) {
  EXPECT_EQ(filled("a{{! {{ not a tag }}b"), "ab");
}

TEST(Mustache, RefusesWithTheOffset) {
  EXPECT_EQ(filled("ab {{host"), "fault: 3: the tag is not closed, expected \"}}\"");
  EXPECT_EQ(filled("ab {{{host}}"), "fault: 3: the tag is not closed, expected \"}}}\"");
  EXPECT_EQ(filled("ab {{"), "fault: 3: the tag is not closed, expected \"}}\"");
  EXPECT_EQ(filled("ab {{{"), "fault: 3: the tag is not closed, expected \"}}}\"");
  EXPECT_EQ(filled("ab {{ }}"), "fault: 3: the tag is empty, expected the name of a variable");
  EXPECT_EQ(filled("a{{#host}}b"), "fault: 1: section \"host\" is not closed, expected {{/NAME}}");
  EXPECT_EQ(filled("a{{/host}}b"), "fault: 1: section \"host\" is closed but not open");
  EXPECT_EQ(filled("{{#a\nb}}"), "fault: 0: section \"a\\nb\" is not closed, expected {{/NAME}}")
      << "one line";
  EXPECT_THAT(filled("{{#a}}{{#b}}{{/a}}{{/b}}"),
              HasSubstr("fault: 12: section \"a\" is closed inside section \"b\""));
  EXPECT_THAT(filled("a {{>part}}"), HasSubstr("fault: 2: partials"));
  EXPECT_THAT(filled("a {{=<% %>=}}"), HasSubstr("fault: 2: other delimiters"));
}

TEST(Mustache, RefusesVariablesThatContradict) {
  EXPECT_THAT(filled("{{a}}", {{"a", "1"}, {"a.b", "2"}}),
              HasSubstr("variable \"a\" is a text, but others are members"));
  EXPECT_EQ(filled("{{a}}{{ab.c}}", {{"a", "1"}, {"a-b", "2"}, {"ab.c", "3"}}), "13");
}

TEST(Mustache, BoundsDepthAndSize) {
  const auto nested = [](std::size_t depth) {
    std::string text = "x";
    for (std::size_t i = 0; i < depth; ++i) {
      text = "{{#host}}" + text + "{{/host}}";
    }
    return text;
  };
  EXPECT_EQ(filled(nested(16)), "x");
  EXPECT_THAT(filled(nested(17)), HasSubstr("nested too deeply"));
  EXPECT_THAT(filled(nested(5'000)), HasSubstr("nested too deeply"));

  const std::string lines(1'000'000, '\n');
  EXPECT_EQ(filled(lines + "{{host}}" + lines), lines + "h1" + lines);
  EXPECT_THAT(filled("{{#host}}" + lines + "{{/host}}"), HasSubstr("too long"));

  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += "{{a}}\n";
  }
  EXPECT_THAT(filled(many, {{"a", std::string(100'000, 'x')}}), HasSubstr("may add more than"));
  EXPECT_THAT(filled("{{a}}", {{std::string(1000, '.'), "x"}}), HasSubstr("too many dots"));
}

}  // namespace
}  // namespace meshdns::templates
