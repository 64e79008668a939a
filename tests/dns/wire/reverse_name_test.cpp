#include "dns/wire/reverse_name.hpp"

#include <gtest/gtest.h>

#include <meshdns/domain_name.hpp>

namespace meshdns::wire {
namespace {

std::string address_of(std::string_view text) {
  const DomainName name = DomainName::parse(text).value();
  const std::vector<std::uint8_t> exact(name.wire().begin(), name.wire().end());
  const auto address = address_of_reverse_name(exact);
  return address ? address->to_string() : "none";
}

TEST(AddressOfReverseName, ReadsIpv4) {
  EXPECT_EQ(address_of("1.2.3.240.in-addr.arpa"), "240.3.2.1");
  EXPECT_EQ(address_of("0.0.0.0.IN-ADDR.ARPA."), "0.0.0.0");
  EXPECT_EQ(address_of("255.255.255.255.in-addr.arpa"), "255.255.255.255");
}

TEST(AddressOfReverseName, ReadsIpv6) {
  EXPECT_EQ(address_of("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa"),
            "4321:0:1:2:3:4:567:89ab");
  EXPECT_EQ(address_of("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.D.F.ip6.arpa"),
            "fd00::1");
}

TEST(AddressOfReverseName, RefusesWhatIsNoWholeAddress) {
  for (const char* text :
       {"in-addr.arpa", "1.in-addr.arpa", "1.2.3.in-addr.arpa", "0.1.2.3.4.in-addr.arpa",
        "256.2.3.4.in-addr.arpa", "999.2.3.4.in-addr.arpa", "1000.2.3.4.in-addr.arpa",
        "01.2.3.4.in-addr.arpa", "00.2.3.4.in-addr.arpa", "a.2.3.4.in-addr.arpa", "-1.2.3.4.in-addr.arpa",
        "1-2.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arp", "1.2.3.4.in-addr.arpa.mesh", "1.2.3.4", ".",
        "ip6.arpa", "1.ip6.arpa", "1.2.3.4.ip6.arpa"}) {
    EXPECT_EQ(address_of(text), "none") << text;
  }
  const std::string zeros = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.";
  EXPECT_EQ(address_of("0." + zeros + "ip6.arpa"), "::");
  EXPECT_EQ(address_of(zeros + "ip6.arpa"), "none") << "31 digits";
  EXPECT_EQ(address_of("0.0." + zeros + "ip6.arpa"), "none") << "33 digits";
  EXPECT_EQ(address_of("g." + zeros + "ip6.arpa"), "none");
  EXPECT_EQ(address_of("00." + zeros.substr(4) + "0.ip6.arpa"), "none") << "as long, but other labels";
  EXPECT_EQ(address_of("0." + zeros + "ip6.int"), "none");
}

TEST(AddressOfReverseName, IsNotFooledByASuffixInsideALabel) {
  EXPECT_EQ(address_of(R"(\007in-addr.arpa)"), "none");
  EXPECT_EQ(address_of(R"(\007in-addr\004arpa)"), "none");
  EXPECT_EQ(address_of(R"(1.2.3.4\007in-addr.arpa)"), "none");
  EXPECT_EQ(address_of(R"(2.3.4.\007in-addr.arpa)"), "none");
}

}  // namespace
}  // namespace meshdns::wire
