#include "zones/template/go_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zones/template/rendering.hpp"

namespace meshdns::templates {
namespace {

using ::testing::HasSubstr;

const Fields kFields{
    {"service", "cart"}, {"color", "teal"}, {"empty", ""}, {"umlaut", "\xc3\xa4q"}, {"percent", "%s"}};
const Fields kLabels{{"app", "shop"}};

struct Case {
  std::string_view text;
  std::string_view expected;
};

void expect(std::initializer_list<Case> cases) {
  for (const Case& each : cases) {
    EXPECT_EQ(rendered(each.text, kFields, kLabels), each.expected) << each.text;
  }
}

TEST(GoTemplate, RendersTextAndFields) {
  expect({
      {"", ""},
      {"plain.mesh", "plain.mesh"},
      {"{{.service}}.mesh", "cart.mesh"},
      {"{{ .service }}.{{\t.color\n}}.mesh", "cart.teal.mesh"},
      {"{ } }} {{.color}}", "{ } }} teal"},
      {"{{.empty}}|", "|"},
      {"{{.umlaut}}", "\xc3\xa4q"},
      {"{{.percent}}", "%s"},
  });
}

TEST(GoTemplate, PrintsNoValueForWhatIsMissing) {
  expect({
      {"{{.tier}}", "<no value>"},
      {"{{.tier}}.{{.service}}", "<no value>.cart"},
      {"{{(.tier)}}", "<no value>"},
      {"{{and .tier \"x\"}}", "<no value>"},
      {"{{or .empty .tier}}", "<no value>"},
      {"{{or \"\" nil}}", "<no value>"},
      {"{{index .tier}}", "render: index of what is not there"},
  });
}

TEST(GoTemplate, BehavesAsGoDoesWithMissingArguments) {
  expect({
      {"{{if .tier}}yes{{else}}no{{end}}", "no"},
      {"{{if not .tier}}yes{{end}}", "yes"},
      {"{{eq .tier \"x\"}}", "false"},
      {"{{eq \"x\" .tier}}", "false"},
      {"{{eq .tier .other}}", "true"},
      {"{{eq .tier nil}}", "true"},
      {"{{eq .service nil}}", "false"},
      {"{{eq .tier \"\"}}", "false"},
      {"{{eq .tier \"\" .other}}", "true"},
      {"{{ne .tier \"x\"}}", "true"},
      {"{{.tier | eq \"x\"}}", "false"},
      {"{{printf \"%s\" .tier}}", "%!s(<nil>)"},
      {"{{printf \"%v\" .tier}}", "<nil>"},
      {"{{printf \"%d\" .tier}}", "%!d(<nil>)"},
      {"{{.tier | printf \"%s-%s\" .service}}", "cart-%!s(<nil>)"},
      {"{{printf \"x\" .tier}}", "x%!(EXTRA <nil>)"},
      {"{{printf .tier}}", "render: the first argument of printf is <nil>, expected a text"},
      {"{{.tier | printf}}", "render: the first argument of printf is <nil>, expected a text"},
      {"{{len .tier}}", "render: len of what is not there"},
      {"{{index .tier 0}}", "render: index of what is not there"},
      {"{{index .service .tier}}", "render: cannot index a text with type <nil>, expected an integer"},
      {"{{label .tier}}", "render: the name of a label is <nil>, expected a text"},
  });
}

TEST(GoTemplate, TrimsWhiteSpaceWhereAMinusStandsNextToWhiteSpace) {
  expect({
      {"a \n{{- .color -}} \t\r\n b", "atealb"},
      {"a {{- .color }} b", "ateal b"},
      {"a {{ .color -}} b", "a tealb"},
      {"a {{-\n.color\n-}} b", "atealb"},
      {"a {{-3}} b", "a -3 b"},
      {"a {{- -3 -}} b", "a-3b"},
      {"a {{- /* c */ -}} b", "ab"},
      {"a {{- /* c */}} b", "a b"},
      {"a {{/* c */ -}} b", "a b"},
      {"a {{/* c */}} {{- .color}}", "a teal"},
      {" {{- \"x\"}} {{- \"y\" -}} ", "xy"},
      {"{{if true -}} x {{- end}}", "x"},
      {"{{\" -}} \"}}", " -}} "},
  });
}

TEST(GoTemplate, SkipsComments) {
  expect({
      {"a{{/* {{.color}} }} */}}b", "ab"},
      {"a{{/**/}}b", "ab"},
      {"a{{/* two\nlines */}}b", "ab"},
  });
}

TEST(GoTemplate, ChoosesBranches) {
  expect({
      {"{{if .color}}a{{end}}", "a"},
      {"{{if .tier}}a{{end}}", ""},
      {"{{if .tier}}a{{else}}b{{end}}", "b"},
      {"{{if .tier}}a{{else if .empty}}b{{else if .color}}c{{else if .service}}d{{else}}e{{end}}", "c"},
      {"{{if .tier}}a{{else if .empty}}b{{else}}e{{end}}!", "e!"},
      {"{{if .tier}}a{{else if .empty}}b{{end}}!", "!"},
      {"{{if .color}}{{if .tier}}a{{else}}b{{end}}{{else}}c{{end}}", "b"},
      {"{{if .tier}}{{if .color}}a{{else}}b{{end}}{{else}}c{{end}}", "c"},
      {"{{if .tier}}{{.tier}}{{else}}default{{end}}.mesh", "default.mesh"},
      {"{{if eq .color \"teal\" | not}}a{{else}}b{{end}}", "b"},
  });
}

TEST(GoTemplate, JudgesTruthAsGo) {
  for (const std::string_view no :
       {"false", "0", "0.0", "\"\"", "``", ".empty", ".tier", "(len .empty)", "'\\x00'", "-0"}) {
    EXPECT_EQ(rendered(std::string("{{if ") + std::string(no) + "}}yes{{else}}no{{end}}", kFields), "no")
        << no;
  }
  for (const std::string_view yes : {"true", "1", "-1", "0.1", "\"0\"", "\"false\"", ".color", "'a'"}) {
    EXPECT_EQ(rendered(std::string("{{if ") + std::string(yes) + "}}yes{{else}}no{{end}}", kFields), "yes")
        << yes;
  }
}

TEST(GoTemplate, PrintsConstantsAsGo) {
  expect({
      {"{{\"a\\tb\\x41\\101\\u00e4\\U0001F600\\\"\\\\\"}}", "a\tbAA\xc3\xa4\xf0\x9f\x98\x80\"\\"},
      {"{{`raw \\n \"x\"`}}", "raw \\n \"x\""},
      {"{{`a\r\nb`}}", "a\nb"},
      {"{{true}} {{false}}", "true false"},
      {"{{42}} {{-42}} {{+42}}", "42 -42 42"},
      {"{{0x1F}} {{0X1f}} {{0b101}} {{0o17}} {{017}} {{1_000}} {{0x_ff}}", "31 31 5 15 15 1000 255"},
      {"{{9223372036854775807}} {{-9223372036854775808}}", "9223372036854775807 -9223372036854775808"},
      {"{{1.5}} {{-0.25}} {{.5}} {{1.}} {{1e3}} {{2.50}}", "1.5 -0.25 0.5 1 1000 2.5"},
      {"{{1e5}} {{1e6}} {{123456789.0}} {{0.0001}} {{0.00001}} {{1e-7}}",
       "100000 1e+06 1.23456789e+08 0.0001 1e-05 1e-07"},
      {"{{1e100}} {{0x1p4}} {{0x1.8p1}} {{1_0.5_0}}", "1e+100 16 3 10.5"},
      {"{{'a'}} {{'\\n'}} {{'\\''}} {{'\\x41'}} {{'\xc3\xa4'}} {{'\"'}}", "97 10 39 65 228 34"},
  });
}

TEST(GoTemplate, PassesPipelinesAsLastArguments) {
  expect({
      {"{{.service | len}}", "4"},
      {"{{.service | printf \"%s-%s\" .color}}", "teal-cart"},
      {"{{\"%d\" | printf}}", "%!d(MISSING)"},
      {"{{.color | eq \"teal\" | not}}", "false"},
      {"{{.service | printf \"%s.%s\" .color | printf \"%q\"}}", "\"teal.cart\""},
      {"{{(.service | len) | eq 4}}", "true"},
      {"{{.empty | or .color}}", "teal"},
      {"{{.color | and .empty}}", ""},
      {"{{1 | index .service}}", "97"},
      {"{{.service|len}}", "4"},
      {"{{\"app\" | label}}", "shop"},
  });
}

TEST(GoTemplate, NestsParentheses) {
  expect({
      {"{{(.service)}}", "cart"},
      {"{{((.service))}}", "cart"},
      {"{{if (and (eq .color \"teal\") (not .tier))}}a{{end}}", "a"},
      {"{{eq (len .service) (len .color)}}", "true"},
      {"{{ ( .service | printf \"%s!\" ) }}", "cart!"},
  });
}

TEST(GoTemplate, ComparesWithAnyOfSeveralArguments) {
  expect({
      {"{{eq .color \"red\" \"teal\" \"blue\"}}", "true"},
      {"{{eq .color \"red\" \"blue\"}}", "false"},
      {"{{ne .color \"red\"}} {{ne .color \"teal\"}}", "true false"},
      {"{{eq 1 1}} {{eq 1.0 1.0}} {{eq true true}} {{eq nil nil}}", "true true true true"},
      {"{{eq (index .service 0) 'c'}} {{eq 'c' (index .service 0)}} {{eq (index .service 0) -99}}",
       "true true false"},
      {"{{eq (index .service 0) (index .color 0)}}", "false"},
      {"{{eq .color 1}}", "render: incompatible types for comparison: string and int"},
      {"{{ne .color 1}}", "render: incompatible types for comparison: string and int"},
      {"{{eq 1 1.0}}", "render: incompatible types for comparison: int and float64"},
      {"{{eq true \"true\"}}", "render: incompatible types for comparison: bool and string"},
      {"{{eq .color \"teal\" 1}}", "true"},
      {"{{eq .color 1 \"teal\"}}", "render: incompatible types for comparison: string and int"},
  });
}

TEST(GoTemplate, AndAndOrReturnTheArgumentThatDecides) {
  expect({
      {"{{or .empty .color .service}}", "teal"},
      {"{{or .empty \"\"}}", ""},
      {"{{or .tier \"default\"}}", "default"},
      {"{{and .color .service}}", "cart"},
      {"{{and .color .empty .service}}|", "|"},
      {"{{and 0 1}} {{or 0 1.5}} {{and true}} {{or 0}}", "0 1.5 true 0"},
  });
}

TEST(GoTemplate, AndAndOrDoNotEvaluateWhatCannotDecide) {
  expect({
      {"{{or .color (label \"gone\")}}", "teal"},
      {"{{and .tier (label \"gone\")}}", "<no value>"},
      {"{{or .empty (label \"gone\")}}", "render: label \"gone\" is not there"},
      {"{{label \"gone\" | or .color}}", "render: label \"gone\" is not there"},
      {"{{if false}}{{label \"gone\"}}{{end}}", ""},
      {"{{eq .color .color (label \"gone\")}}", "render: label \"gone\" is not there"},
  });
}

TEST(GoTemplate, MeasuresAndIndexesOctets) {
  expect({
      {"{{len .umlaut}} {{len .empty}} {{len \"abc\"}}", "3 0 3"},
      {"{{index .service 0}} {{index .service (len .empty)}} {{index .umlaut 1}}", "99 99 164"},
      {"{{index .service}}", "cart"},
      {"{{index .service 4}}", "render: index out of range: 4"},
      {"{{index .service -1}}", "render: index out of range: -1"},
      {"{{index .service 1.0}}", "render: cannot index a text with type float64, expected an integer"},
      {"{{index .service \"a\"}}", "render: cannot index a text with type string, expected an integer"},
      {"{{index .service 0 0}}", "render: can't index item of type uint8"},
      {"{{index 5 0}}", "render: can't index item of type int"},
      {"{{len 5}}", "render: len of type int"},
      {"{{len (index .service 0)}}", "render: len of type uint8"},
  });
}

TEST(GoTemplate, IndexesTheFieldsByName) {
  expect({
      {"{{index . \"color\"}}", "teal"},
      {"{{index . .service}}|", "|"},
      {"{{index . \"tier\"}}|", "|"},
      {"{{index . \"color\" 0}}", "116"},
      {"{{\"color\" | index .}}", "teal"},
      {"{{index . 1}}", "render: the fields cannot be indexed with int, expected a text"},
      {"{{index . .tier}}", "render: the fields cannot be indexed with <nil>, expected a text"},
  });
}

TEST(GoTemplate, LooksUpLabels) {
  expect({
      {"{{label \"app\"}}.mesh", "shop.mesh"},
      {"{{label `app`}}", "shop"},
      {"{{label (printf \"%s%s\" \"a\" \"pp\")}}", "shop"},
      {"{{label \"k8s.kuma.io/namespace\"}}", "render: label \"k8s.kuma.io/namespace\" is not there"},
  });
}

TEST(GoTemplate, KnowsItsTextAndTheLiteralTextAtItsEnd) {
  const auto tail = [](std::string_view text) {
    const auto made = GoTemplate::parse(text, {});
    EXPECT_TRUE(made) << text;
    EXPECT_EQ(made->text(), text);
    return std::string(made->static_tail());
  };
  EXPECT_EQ(tail(""), "");
  EXPECT_EQ(tail("all.mesh"), "all.mesh");
  EXPECT_EQ(tail("{{.a}}.svc.mesh.local"), ".svc.mesh.local");
  EXPECT_EQ(tail("{{.a}}"), "");
  EXPECT_EQ(tail("{{.a}}.b.{{.c}}.d"), ".d");
  EXPECT_EQ(tail("{{.a}} .b{{/* comment */}}.c"), " .b.c");
  EXPECT_EQ(tail("a{{/* comment */}}.c"), "a.c");
  EXPECT_EQ(tail("{{if .a}}b{{end}}.c"), ".c");
  EXPECT_EQ(tail("{{if .a}}b{{else}}d{{end}}"), "");
  EXPECT_EQ(tail("{{.a -}} .b "), ".b ");
  EXPECT_EQ(tail("{{.a}}.b {{- /* c */ -}} "), ".b");
}

TEST(GoTemplate, IsEmptyUntilItIsParsed) {
  const GoTemplate none;
  EXPECT_EQ(none.text(), "");
  EXPECT_EQ(none.static_tail(), "");
  EXPECT_EQ(none.render({}), "");
}

TEST(GoTemplate, TakesMissingFunctionsOfItsDataAsMissingData) {
  const auto made = GoTemplate::parse("{{.a}}{{index . \"a\"}}", {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->render({}), "<no value>");
  const auto labelled = GoTemplate::parse("{{label \"a\"}}", {.has_label = true});
  ASSERT_TRUE(labelled);
  EXPECT_THAT(labelled->render({}).error(), HasSubstr("is not there"));
}

TEST(GoTemplate, OutlivesTheTextItWasParsedFrom) {
  GoTemplate kept;
  {
    std::string text = "{{if eq .color \"teal\"}}{{.service}}{{end}}.mesh";
    kept = *GoTemplate::parse(text, {});
    text.assign(text.size(), '#');
  }
  const GoTemplate copy = kept;
  kept = {};
  EXPECT_EQ(copy.render(data_of(kFields)), "cart.mesh");
}

TEST(GoTemplate, RendersTheDefaultHostnameGenerators) {
  const Fields fields{{"DisplayName", "web"}, {"Namespace", "shop"}, {"Zone", "east"}};
  EXPECT_EQ(rendered("{{ .DisplayName }}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local", fields),
            "web.shop.svc.east.mesh.local");
  EXPECT_EQ(
      rendered(
          "{{ label \"statefulset.kubernetes.io/pod-name\" }}.{{ label \"k8s.kuma.io/service-name\" }}.{{ "
          ".Namespace }}.svc.{{ .Zone }}.mesh.local",
          fields, {{"statefulset.kubernetes.io/pod-name", "web-0"}, {"k8s.kuma.io/service-name", "web"}}),
      "web-0.web.shop.svc.east.mesh.local");
}

}  // namespace
}  // namespace meshdns::templates
