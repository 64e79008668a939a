#include <algorithm>
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/template/rendering.hpp"

namespace meshdns::templates {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string_view text;
  std::size_t offset;
  std::string_view what;  // a part of the message
};

void expect_faults(std::initializer_list<Case> cases,
                   const GoTemplate::Dialect& dialect = {.has_label = true}) {
  for (const Case& each : cases) {
    const auto made = GoTemplate::parse(each.text, dialect);
    ASSERT_FALSE(made) << each.text;
    EXPECT_EQ(made.error().offset, each.offset) << each.text << ": " << made.error().what;
    EXPECT_THAT(made.error().what, HasSubstr(each.what)) << each.text;
  }
}

TEST(GoTemplateFault, NamesWhatIsNotClosed) {
  expect_faults({
      {"a {{.b", 2, "\"{{\" is not closed, expected \"}}\""},
      {"a {{", 2, "is not closed"},
      {"a {{.b }", 2, "is not closed"},
      {"a {{.b -}", 2, "is not closed"},
      {"{{\"abc}}", 2, "expected \" on the same line"},
      {"{{\"abc\n\"}}", 2, "on the same line"},
      {"{{\"abc\\", 2, "on the same line"},
      {"{{`abc}}", 2, "backquote"},
      {"{{'a}}", 2, "expected '"},
      {"a{{/* b }}", 1, "the comment is not closed"},
      {"a{{/* b */ }}", 10, "right behind \"*/\""},
      {"{{(}}", 3, "expected \")\""},
      {"{{(.a}}", 5, "expected \")\""},
      {"{{(eq .a (len .b)}}", 17, "expected \")\""},
      {"x{{if .a}}b", 1, "{{if}} has no {{end}}"},
      {"{{if .a}}{{if .b}}{{end}}", 0, "{{if}} has no {{end}}"},
  });
}

TEST(GoTemplateFault, RefusesWhatDoesNotFitTogether) {
  expect_faults({
      {"{{}}", 2, "unexpected \"}}\", expected a value"},
      {"{{ }}", 3, "expected a value"},
      {"{{()}}", 3, "expected a value"},
      {"{{if}}{{end}}", 4, "expected a value"},
      {"{{.a |}}", 6, "expected a value"},
      {"{{| .a}}", 2, "unexpected \"|\""},
      {"{{.a)}}", 4, "unexpected \")\""},
      {"{{.a, .b}}", 4, "unexpected \",\""},
      {"{{.a = .b}}", 5, "has no arguments"},
      {"a{{end}}", 1, "{{end}} without {{if}}"},
      {"a{{else}}", 1, "{{else}} without {{if}}"},
      {"{{if .a}}{{else}}{{else}}{{end}}", 17, "{{else}} behind {{else}}"},
      {"{{if .a}}{{else}}{{else if .b}}{{end}}", 17, "{{else}} behind {{else}}"},
      {"{{if .a}}{{else .b}}{{end}}", 16, "unexpected \".b\" behind else, expected if or \"}}\""},
      {"{{if .a}}{{end .b}}", 15, "unexpected \".b\" behind end"},
      {"{{eq if .a}}", 5, "unexpected keyword if"},
      {"{{nil}}", 2, "nil is not a value on its own"},
      {"{{if nil}}{{end}}", 5, "nil is not a value on its own"},
  });
}

TEST(GoTemplateFault, RefusesArgumentsOfWhatIsNoFunction) {
  expect_faults({
      {"{{.a .b}}", 5, "\".a\" is not a function and has no arguments, expected \"}}\" or \"|\""},
      {"{{\"a\" \"b\"}}", 6, "is not a function"},
      {"{{(.a .b)}}", 6, "expected \")\" or \"|\""},
      {"{{.a | .b}}", 7, "stands behind \"|\", expected a function"},
      {"{{.a | \"b\"}}", 7, "expected a function"},
      {"{{.a | (len)}}", 8, "function len has 0 arguments, expected 1"},
      {"{{.a | (len .b)}}", 7, "expected a function"},
  });
}

TEST(GoTemplateFault, ChecksTheArgumentsOfFunctions) {
  expect_faults({
      {"{{eq .a}}", 2, "function eq has 1 argument, expected 2 or more"},
      {"{{ne .a .b .c}}", 2, "function ne has 3 arguments, expected 2"},
      {"{{.c | ne .a .b}}", 7, "function ne has 3 arguments, expected 2"},
      {"{{not}}", 2, "function not has 0 arguments, expected 1"},
      {"{{len .a .b}}", 2, "function len has 2 arguments, expected 1"},
      {"{{and}}", 2, "function and has 0 arguments, expected 1 or more"},
      {"{{printf}}", 2, "function printf has 0 arguments"},
      {"{{printf 1}}", 9, "the first argument of printf is int, expected a text"},
      {"{{printf nil}}", 9, "expected a text"},
      {"{{label true}}", 8, "the first argument of label is bool, expected a text"},
      {"{{eq len .a}}", 5, "expected a call in parentheses"},
      {"{{index .}}", 2, "expected one: index . \"name\""},
  });
}

TEST(GoTemplateFault, RefusesTheRestOfGoByName) {
  for (const std::string_view keyword :
       {"range", "with", "define", "template", "block", "break", "continue"}) {
    const std::string text = "a{{" + std::string(keyword) + " .x}}{{end}}";
    const auto made = GoTemplate::parse(text, {});
    ASSERT_FALSE(made) << keyword;
    EXPECT_EQ(made.error().offset, 3);
    EXPECT_THAT(made.error().what, HasSubstr("{{" + std::string(keyword) + "}} is not supported, expected"));
  }
  for (const std::string_view function :
       {"html", "js", "urlquery", "print", "println", "lt", "le", "gt", "ge", "slice", "call", "nosuch"}) {
    const std::string text = "{{.x | " + std::string(function) + " 1}}";
    const auto made = GoTemplate::parse(text, {});
    ASSERT_FALSE(made) << function;
    EXPECT_EQ(made.error().offset, 7);
    EXPECT_THAT(made.error().what,
                HasSubstr("function \"" + std::string(function) +
                          "\" is not supported, expected one of: and, eq, index, len, ne, not, or, printf"));
  }
  expect_faults({
      {"{{.}}", 2, "\".\" alone is not supported, expected a field: .name"},
      {"{{len .}}", 6, "\".\" alone is not supported"},
      {"{{index .a .}}", 11, "\".\" alone is not supported"},
      {"{{$}}", 2, "variables (\"$\") are not supported"},
      {"{{$x := .a}}", 2, "variables (\"$x\") are not supported"},
      {"{{eq $x 1}}", 5, "variables"},
      {"{{.a.b}}", 4, "field \".b\" of \".a\" is not supported, since texts have no fields"},
      {"{{(.a).b}}", 6, "field \".b\""},
      {"{{\"a\".b}}", 5, "field \".b\""},
      {"{{1i}}", 2, "imaginary numbers are not supported"},
  });
}

TEST(GoTemplateFault, RefusesWrongLiterals) {
  expect_faults({
      {"{{\"\\q\"}}", 2, "has an escape that Go does not have"},
      {"{{\"\\'\"}}", 2, "escape"},
      {"{{\"\\x4\"}}", 2, "escape"},
      {"{{\"\\400\"}}", 2, "escape"},
      {"{{\"\\ud800\"}}", 2, "escape"},
      {"{{''}}", 2, "not a character constant"},
      {"{{'ab'}}", 2, "not a character constant"},
      {"{{9223372036854775808}}", 2, "not a number"},
      {"{{089}}", 2, "not a number"},
      {"{{0x}}", 2, "not a number"},
      {"{{0b12}}", 2, "not a number"},
      {"{{1__0}}", 2, "not a number"},
      {"{{1_}}", 2, "not a number"},
      {"{{1e}}", 2, "not a number"},
      {"{{1e999}}", 2, "not a number"},
      {"{{+}}", 2, "not a number"},
      {"{{12ab}}", 2, "not a number"},
      {"{{1+2}}", 2, "not a number"},
      {"{{0x1.8}}", 2, "not a number"},
  });
}

TEST(GoTemplateFault, WantsWhiteSpaceAndAscii) {
  expect_faults({
      {"{{eq\"a\" .b}}", 4, "unexpected character \"\\\"\" in a word, expected white space"},
      {"{{eq .a\"b\"}}", 7, "in a field, expected white space"},
      {"{{eq \"a\"\"b\"}}", 8, "expected white space"},
      {"{{eq (.a)(.b)}}", 9, "expected white space"},
      {"{{eq(.a) .b}}", 4, "expected white space"},
      {"{{.a-b}}", 4, "unexpected character \"-\" in a field"},
      {"{{\xe2\x80\x9c"
       "a\xe2\x80\x9d}}",
       2, "unexpected character U+201C"},
      {"{{\xff}}", 2, "expected UTF-8"},
  });
}

TEST(GoTemplateFault, HasLabelAndFieldsAsTheDialectSays) {
  static constexpr std::array<std::string_view, 2> kFields{"Name", "Zone"};
  const GoTemplate::Dialect dialect{.has_label = true, .fields = kFields};
  EXPECT_TRUE(GoTemplate::parse("{{.Name}}.{{label \"x\"}}.{{.Zone}}", dialect));
  expect_faults({{"{{.name}}", 2, "field \".name\" does not exist, expected one of: .Name, .Zone"},
                 {"{{index . \"Name\"}}", 8, "\".\" alone is not supported"},
                 {"{{x .Name}}", 2, "expected one of: and, eq, index, len, ne, not, or, printf, label"}},
                dialect);
  expect_faults({{"{{label \"x\"}}", 2, "function \"label\" is not supported"}}, {});
}

TEST(GoTemplateFault, StaysOnOneLine) {
  for (const std::string_view text :
       {"{{\"a\nb\"}}", "{{.a `x\ny`}}", "{{'\nx'}}", "{{eq\x01}}", "{{.a}}{{\"\\q\x7f\"}}"}) {
    const auto made = GoTemplate::parse(text, {});
    ASSERT_FALSE(made) << text;
    EXPECT_TRUE(std::ranges::none_of(made.error().what, [](unsigned char c) {
      return c < 0x20 || c == 0x7f;
    })) << text;
  }
}

}  // namespace
}  // namespace meshdns::templates
