#include <cmath>

#include <gtest/gtest.h>

#include <meshdns/ip_range.hpp>

namespace meshdns {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(IpRange, ReadsAndWritesBothFamilies) {
  for (const char* text : {"240.0.0.0/4", "0.0.0.0/0", "10.1.2.3/32", "10.1.2.0/31", "10.128.0.0/9", "::/0",
                           "fd00:fd00::/64", "fd00::1/128", "8000::/1", "fd00:0:0:8000::/49"}) {
    const auto range = IpRange::parse(text);
    ASSERT_TRUE(range) << text;
    EXPECT_EQ(range->to_string(), text);
  }
}

TEST(IpRange, RefusesEverythingElse) {
  for (const char* text :
       {"", "/", "/8", "240.0.0.0", "240.0.0.0/", "240.0.0.0/33", "240.0.0.0/-1", "240.0.0.0/+4",
        "240.0.0.0/04", "240.0.0.0/00", "240.0.0.0/ 4", "240.0.0.0/4 ", "240.0.0.0/4/4", "240/4",
        "240.0.0.0/255.0.0.0", "fd00::/129", "fd00::/99999999999999999999", "[fd00::]/64", "cart/8"}) {
    EXPECT_FALSE(IpRange::parse(text)) << text;
  }
}

TEST(IpRange, RefusesBitsBehindThePrefix) {
  for (const char* text : {"240.0.0.1/4", "248.0.0.0/4", "10.1.2.1/31", "128.0.0.0/0", "fd00::1/127", "::1/0",
                           "fd00:0:0:4000::/49"}) {
    EXPECT_FALSE(IpRange::parse(text)) << text;
  }
}

TEST(IpRange, ContainsItsFirstAndItsLastAddressAndNoneOutside) {
  const struct {
    const char *range, *first, *last, *before, *behind;
  } cases[] = {
      {"240.0.0.0/4", "240.0.0.0", "255.255.255.255", "239.255.255.255", "0.0.0.0"},
      {"10.128.0.0/9", "10.128.0.0", "10.255.255.255", "10.127.255.255", "11.0.0.0"},
      {"10.1.2.3/32", "10.1.2.3", "10.1.2.3", "10.1.2.2", "10.1.2.4"},
      {"fd00:fd00::/64", "fd00:fd00::", "fd00:fd00::ffff:ffff:ffff:ffff", "fd00:fcff::", "fd00:fd00:0:1::"},
  };
  for (const auto& c : cases) {
    const IpRange range = IpRange::parse(c.range).value();
    EXPECT_TRUE(range.contains(ip(c.first))) << c.range;
    EXPECT_TRUE(range.contains(ip(c.last))) << c.range;
    EXPECT_FALSE(range.contains(ip(c.before))) << c.range;
    EXPECT_FALSE(range.contains(ip(c.behind))) << c.range;
  }
}

TEST(IpRange, ContainsNothingOfTheOtherFamily) {
  EXPECT_FALSE(IpRange::parse("0.0.0.0/0")->contains(ip("::")));
  EXPECT_FALSE(IpRange::parse("::/0")->contains(ip("10.0.0.1")));
  EXPECT_FALSE(IpRange::parse("10.0.0.0/8")->contains(ip("::ffff:10.0.0.1")));
}

TEST(IpRange, KnowsItsSize) {
  EXPECT_EQ(IpRange::parse("10.1.2.3/32")->size(), 1);
  EXPECT_EQ(IpRange::parse("241.0.0.0/8")->size(), 16777216);
  EXPECT_EQ(IpRange::parse("0.0.0.0/0")->size(), 4294967296);
  EXPECT_EQ(IpRange::parse("fd00::/64")->size(), std::pow(2.0, 64));
  EXPECT_EQ(IpRange::parse("::/0")->size(), std::pow(2.0, 128));
}

}  // namespace
}  // namespace meshdns
