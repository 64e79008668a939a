// Fields that are maps and lists, and parseInt, as the `template` directive has them.
#include <array>
#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "zones/template/go_template.hpp"

namespace meshdns::templates {
namespace {

constexpr std::array<std::string_view, 1> kFields{"Name"};
constexpr std::array kCollections{GoTemplate::Collection{"Group", false},
                                  GoTemplate::Collection{"Match", true}};
constexpr GoTemplate::Dialect kDialect{.has_parse_int = true, .fields = kFields, .collections = kCollections};

std::string rendered(std::string_view text) {
  static const std::map<std::string, std::string, std::less<>> kGroup{{"a", "0a"}, {"empty", ""}};
  static const std::map<std::string, std::string, std::less<>> kMatch{{"0", "whole"}, {"1", "ff"}};
  const auto parsed = GoTemplate::parse(text, kDialect);
  if (!parsed) {
    return "parse at " + std::to_string(parsed.error().offset) + ": " + parsed.error().what;
  }
  const TemplateData data{
      .field = [](std::string_view) { return std::optional<std::string_view>("x.example."); },
      .label = {},
      .element = [](std::string_view collection, std::string_view key) -> std::optional<std::string_view> {
        const auto& from = collection == "Group" ? kGroup : kMatch;
        const auto found = from.find(key);
        return found == from.end() ? std::nullopt : std::optional<std::string_view>(found->second);
      }};
  const auto out = parsed->render(data);
  return out ? *out : "render: " + out.error();
}

TEST(GoTemplateCollection, ElementsAreReachedByFieldOrByIndex) {
  EXPECT_EQ(rendered("{{.Group.a}} {{ index .Group \"a\" }} {{ index .Match 1 }} {{.Name}}"),
            "0a 0a ff x.example.");
  EXPECT_EQ(rendered("{{ index .Match 0 | printf \"%q\" }}"), "\"whole\"");
  EXPECT_EQ(rendered("{{ if eq .Group.a \"0a\" }}same{{ end }}"), "same");
  EXPECT_EQ(rendered("{{ index .Group.a 0 }}"), "48") << "an octet of the text";
}

TEST(GoTemplateCollection, WhatIsNotThereIsAsInGo) {
  EXPECT_EQ(rendered("{{.Group.b}}"), "<no value>");
  EXPECT_EQ(rendered("[{{ index .Group \"b\" }}]"), "[]");
  EXPECT_EQ(rendered("{{ index .Match 2 }}"), "render: index out of range: 2");
}

TEST(GoTemplateCollection, IsNoText) {
  EXPECT_EQ(rendered("{{.Group}}"), "parse at 2: .Group is a map, expected a field of it: .Group.name");
  EXPECT_EQ(rendered("{{.Match}}"), "parse at 2: .Match is a list, expected an element: index .Match 1");
  EXPECT_EQ(rendered("{{.Match.x}}"), "parse at 2: .Match is a list, expected an element: index .Match 1");
  EXPECT_EQ(rendered("{{ index .Match }}"),
            "parse at 3: function index has no key behind \".Match\", expected one: index .Match 1");
  EXPECT_EQ(rendered("{{ index .Match \"1\" }}"),
            "parse at 3: the key behind \".Match\" is string, expected an integer");
  EXPECT_EQ(rendered("{{ index .Group 1 }}"),
            "parse at 3: the key behind \".Group\" is int, expected a text");
  EXPECT_EQ(rendered("{{.Question}}"),
            "parse at 2: field \".Question\" does not exist, expected one of: .Name, .Group, .Match");
}

TEST(GoTemplateCollection, RefusesKeysThatDoNotExistWhereTheyAreKnown) {
  static const std::array<std::string, 2> kKeys{"1", "host"};
  const std::array collections{GoTemplate::Collection{"Group", false, kKeys},
                               GoTemplate::Collection{"Match", true, kKeys}};
  const GoTemplate::Dialect dialect{.fields = kFields, .collections = collections};
  EXPECT_TRUE(GoTemplate::parse(
      "{{.Group.host}}{{index .Group \"1\"}}{{index .Match 1}}{{index .Group .Name}}", dialect));
  for (const auto& [text, what] :
       {std::pair("{{.Group.hots}}", ".Group has no \"hots\", expected one of: 1, host"),
        std::pair("{{index .Group \"2\"}}", ".Group has no \"2\", expected one of: 1, host"),
        std::pair("{{index .Match 2}}", ".Match has no \"2\", expected one of: 1, host")}) {
    const auto parsed = GoTemplate::parse(text, dialect);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().what, what);
  }
}

TEST(GoTemplateCollection, ParseIntReadsNumbersOfAnyBase) {
  EXPECT_EQ(
      rendered("{{ parseInt .Group.a 16 8 }} {{ parseInt (index .Match 1) 16 8 }} {{ parseInt \"z\" 36 0 }}"),
      "10 255 35");
  EXPECT_EQ(rendered("{{ parseInt \"100\" 16 8 }}"),
            "render: parseInt: \"100\" is not a number of base 16 that fits into 8 bits");
  EXPECT_EQ(rendered("{{ parseInt \"-1\" 10 8 }}"),
            "render: parseInt: \"-1\" is not a number of base 10 that fits into 8 bits");
  EXPECT_EQ(rendered("{{ parseInt \"1\" 1 8 }}"),
            "render: parseInt has other arguments, expected a text, a base, 2..36, and bits, 0..64");
  EXPECT_FALSE(GoTemplate::parse("{{ parseInt \"1\" 10 8 }}", {})) << "others do not have it";
}

}  // namespace
}  // namespace meshdns::templates
