#include "dns/plugin/weight_table.hpp"

#include <gtest/gtest.h>

#include <meshdns/domain_name.hpp>

namespace meshdns::plugin {
namespace {

unsigned weight(const WeightTable& table, std::string_view name, std::string_view address) {
  return table.weight(DomainName::parse(name).value().wire(), IpAddress::parse(address).value());
}

TEST(WeightTable, HasTheWeightsOfEachName) {
  const auto table = WeightTable::parse(
      "# a comment\n\nWWW.example.org\n  10.0.0.1 3\r\n10.0.0.2\t255\n2001:db8::1 7\n\nb.example.\n10.0.0.1 "
      "9\n"
      "www.example.org.\n10.0.0.3 4\n10.0.0.1 5\n",
      "weights");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(weight(*table, "www.example.org", "10.0.0.1"), 3U) << "of two lines the first one counts";
  EXPECT_EQ(weight(*table, "www.example.org", "10.0.0.2"), 255U);
  EXPECT_EQ(weight(*table, "www.example.org", "2001:db8:0::1"), 7U);
  EXPECT_EQ(weight(*table, "www.example.org", "10.0.0.3"), 4U);
  EXPECT_EQ(weight(*table, "b.example", "10.0.0.1"), 9U);
  EXPECT_EQ(weight(*table, "b.example", "10.0.0.2"), 1U);
  EXPECT_EQ(weight(*table, "c.example", "10.0.0.1"), 1U);
}

TEST(WeightTable, SaysWhatIsWrongAndWhere) {
  const std::pair<std::string, std::string> examples[] = {
      {"a.example\n10.0.0.1", "weights:2: '10.0.0.1' has no weight, expected ADDRESS WEIGHT"},
      {"a..example", "weights:1: invalid name 'a..example': " + DomainName::parse("a..example").error()},
      {"# first\na.example\n10.0.0.1 0", "weights:3: invalid weight '0', expected 1..255"},
      {"a.example\n10.0.0.1 256", "weights:2: invalid weight '256', expected 1..255"},
      {"a.example\n10.0.0.1 1x", "weights:2: invalid weight '1x', expected 1..255"},
      {"a.example\n10.0.0.1 -1", "weights:2: invalid weight '-1', expected 1..255"},
      {"a.example\n10.0.0 1", "weights:2: '10.0.0 1' is neither a name nor ADDRESS WEIGHT"},
      {"a.example\n10.0.0.1 1 2", "weights:2: '10.0.0.1 1' is neither a name nor ADDRESS WEIGHT"},
      {"10.0.0.1 1\na.example", "weights:1: '10.0.0.1' stands in front of the first name"},
  };
  for (const auto& [text, message] : examples) {
    const auto table = WeightTable::parse(text, "weights");
    EXPECT_EQ(table ? "no fault" : table.error().what, "plugin/loadbalance: " + message) << text;
  }
}

}  // namespace
}  // namespace meshdns::plugin
