#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

// Of one `template` with these options in its braces, the first of which stands in line 3.
std::string fault(const std::string& options) {
  return fault_of("template IN A example {\n" + options + "\n}");
}

TEST(TemplateFault, OfItsArgumentsIsWordedAsCoreDnsDoes) {
  EXPECT_EQ(
      fault_of("template IN"),
      "plugin/template: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending "
      "after 'IN'");
  EXPECT_EQ(fault_of("template XX A"),
            "plugin/template: Corefile:2 - Error during parsing: invalid query class XX");
  EXPECT_EQ(fault_of("template IN XX"),
            "plugin/template: Corefile:2 - Error during parsing: invalid RR class XX");
  EXPECT_EQ(fault(""),
            "plugin/template: Corefile:2 - Error during parsing: no answer section for template found");
  EXPECT_EQ(fault(" rcode BOGUS"), "plugin/template: Corefile:3 - Error during parsing: unknown rcode BOGUS");
  EXPECT_EQ(fault(" rcode NXDOMAIN\n upstream"),
            "plugin/template: Corefile:4 - Error during parsing: unknown property 'upstream'");
  EXPECT_EQ(fault(" ederror x"),
            "plugin/template: Corefile:3 - Error during parsing: error parsing extended DNS error code x, "
            "expected 0..65535");
}

TEST(TemplateFault, OfAnExpressionNamesItsLine) {
  EXPECT_EQ(fault(" rcode NXDOMAIN\n match ok (x"),
            "plugin/template: Corefile:4 - Error during parsing: could not parse regex: invalid regular "
            "expression '(x': missing ): (x");
  EXPECT_THAT(fault(" rcode NXDOMAIN\n match " + std::string(10'001, 'x')),
              ::testing::EndsWith("regular expression of 10001 characters, expected at most 10000"));
}

TEST(TemplateFault, OfARecordNamesItsLineAndThePositionInIt) {
  EXPECT_EQ(
      fault(" rcode NOERROR\n answer \"{{ .Name }} IN TXT {{ .Message }}\""),
      "plugin/template: Corefile:4 - Error during parsing: could not compile template: {{ .Name }} IN TXT "
      "{{ .Message }}, at character 23: field \".Message\" does not exist, expected one of: .Zone, .Name, "
      ".Class, .Type, .Remote, .Group, .Match");
  EXPECT_THAT(fault(" match (?P<a>x)y(z)\n answer \"{{ .Group.b }}\""),
              ::testing::EndsWith("at character 10: .Group has no \"b\", expected one of: a, 0, 1, 2"));
  EXPECT_THAT(fault(" answer \"{{ range .Match }}{{ end }}\""),
              ::testing::HasSubstr("{{range}} is not supported"));
  EXPECT_THAT(
      fault(" authority \"www.example. 60 IN A 10.0.0\""),
      ::testing::HasSubstr("Corefile:3 - Error during parsing: not a record: www.example. 60 IN A 10.0.0: "));
  EXPECT_THAT(fault(" additional \"\"\n rcode NXDOMAIN"), ::testing::HasSubstr("not a record"));
}

}  // namespace
}  // namespace meshdns::test
