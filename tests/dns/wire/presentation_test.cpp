#include "dns/wire/presentation.hpp"

#include <gtest/gtest.h>

#include "tests/support/dns_message.hpp"

namespace meshdns::wire {
namespace {

TEST(Presentation, NamesTypesClassesAndRcodes) {
  EXPECT_EQ(type_text(1), "A");
  EXPECT_EQ(type_text(65), "HTTPS");
  EXPECT_EQ(type_text(65280), "TYPE65280");
  EXPECT_EQ(class_text(1), "IN");
  EXPECT_EQ(class_text(3), "CH");
  EXPECT_EQ(rcode_text(0), "NOERROR");
  EXPECT_EQ(rcode_text(3), "NXDOMAIN");
  EXPECT_EQ(rcode_text(4), "NOTIMP");
  EXPECT_EQ(rcode_text(16), "BADVERS");
  EXPECT_EQ(rcode_text(4000), "RCODE4000");
}

TEST(Presentation, ReadsTypesInAnyCase) {
  EXPECT_EQ(type_from_text("AAAA"), 28);
  EXPECT_EQ(type_from_text("aaaa"), 28);
  EXPECT_EQ(type_from_text("TYPE65280"), 65280);
  EXPECT_EQ(type_from_text("type65535"), 65535);
  using namespace std::string_view_literals;
  for (const auto bad : {"nonsense"sv, ""sv, "TYPE"sv, "TYPE0"sv, "TYPE65536"sv, "TYPE-1"sv, "TYPE12x"sv,
                         "TYPE 1"sv, "A\0B"sv, "A "sv}) {
    EXPECT_EQ(type_from_text(bad), std::nullopt) << bad;
  }
}

TEST(Presentation, ReadsClassesAndRcodesInAnyCase) {
  EXPECT_EQ(class_from_text("IN"), 1);
  EXPECT_EQ(class_from_text("any"), 255);
  EXPECT_EQ(class_from_text("nonsense"), std::nullopt);
  EXPECT_EQ(rcode_from_text("NOERROR"), 0);
  EXPECT_EQ(rcode_from_text("nxdomain"), 3);
  EXPECT_EQ(rcode_from_text("NOTIMP"), 4);
  EXPECT_EQ(rcode_from_text("REFUSED"), 5);
  EXPECT_EQ(rcode_from_text(""), std::nullopt);
  EXPECT_EQ(rcode_from_text("12"), std::nullopt);
}

TEST(Presentation, ShowsNamesWithFinalDotAndInTheirCase) {
  const test::Octets name = {3, 'W', 'w', '.', 4, 'M', 'e', 's', 'h', 0};
  EXPECT_EQ(name_text(name), "Ww\\..Mesh.");
  EXPECT_EQ(name_text(test::Octets{0}), ".");
}

}  // namespace
}  // namespace meshdns::wire
