#include "zones/text/typed_value.hpp"

#include <gtest/gtest.h>

namespace meshdns::text {
namespace {

TEST(ParseWholeNumber, TakesDecimalDigits) {
  EXPECT_EQ(parse_whole_number("0"), 0U);
  EXPECT_EQ(parse_whole_number("65535"), 65535U);
  for (const char* const text :
       {"", "-1", "+1", "1.0", "1e3", "0x10", "010", "1_000", " 1", "1 ", "4294967296", "one"}) {
    EXPECT_EQ(parse_whole_number(text), std::nullopt) << text;
  }
}

TEST(ParseYamlBool, KnowsTheWordsOfYaml11InThreeCases) {
  for (const char* const text : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}) {
    EXPECT_EQ(parse_yaml_bool(text), true) << text;
  }
  for (const char* const text : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}) {
    EXPECT_EQ(parse_yaml_bool(text), false) << text;
  }
  for (const char* const text : {"", "tRUE", "y", "n", "1", "0", "truest"}) {
    EXPECT_EQ(parse_yaml_bool(text), std::nullopt) << text;
  }
}

TEST(IsYamlNumber, KnowsWhatYamlReadsAsANumber) {
  for (const char* const text : {"0", "7", "-7", "+7", "007", "1.5", ".5", "1.", "-1.5e-3", "1E9", "0x1f",
                                 "0o17", "0b101", ".inf", "-.Inf", ".NaN"}) {
    EXPECT_TRUE(is_yaml_number(text)) << text;
  }
  for (const char* const text : {"", "-", "+", ".", "e3", "1e", "1e+", "1.2.3", "10.0.0.1", "1a", "v1", "0x",
                                 "0xg", "2025-03-04", "1-2", "::1", ".infinity", "80/tcp"}) {
    EXPECT_FALSE(is_yaml_number(text)) << text;
  }
}

}  // namespace
}  // namespace meshdns::text
