#include <gtest/gtest.h>
#include <net/if.h>

#include <meshdns/address.hpp>

namespace meshdns {
namespace {

TEST(IpAddress, ReadsAndWritesBothFamilies) {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
                           "fd00:fd00::1", "::ffff:240.0.0.1", "2001:db8:1:2:3:4:5:6"}) {
    const auto ip = IpAddress::parse(text);
    ASSERT_TRUE(ip) << text;
    EXPECT_EQ(ip->to_string(), text);
    EXPECT_EQ(ip->is_v6, ip->bytes().size() == 16) << text;
  }
}

TEST(IpAddress, WritesTheShortFormOfIPv6) {
  EXPECT_EQ(IpAddress::parse("FD00:0:0:0:0:0:0:1")->to_string(), "fd00::1");
  EXPECT_EQ(IpAddress::parse("::ffff:f000:1")->to_string(), "::ffff:240.0.0.1");
}

TEST(IpAddress, KeepsAMappedAddressApartFromItsIPv4Form) {
  EXPECT_NE(IpAddress::parse("::ffff:240.0.0.1"), IpAddress::parse("240.0.0.1"));
  EXPECT_TRUE(IpAddress::parse("::ffff:240.0.0.1")->is_v6);
}

TEST(IpAddress, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/8",
        "1.2.3.4:53", "0x7f.0.0.1", "2130706433", "[::1]", "fe80::1%lo", "1::2::3", "12345::", "localhost",
        ":", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(IpAddress, KnowsLoopbackAndUnspecified) {
  EXPECT_TRUE(IpAddress::parse("127.0.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("127.255.0.53")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("126.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("7f00::1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("0.0.0.0")->is_unspecified());
  EXPECT_TRUE(IpAddress::parse("::")->is_unspecified());
  EXPECT_FALSE(IpAddress::parse("0.0.0.1")->is_unspecified());
}

TEST(SocketAddress, ReadsEveryForm) {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const auto& [text, expected] : {
           Case{"1.2.3.4", "1.2.3.4:53"},
           Case{"1.2.3.4:5353", "1.2.3.4:5353"},
           Case{"127.0.0.1:0", "127.0.0.1:0"},
           Case{"::1", "[::1]:53"},
           Case{"[::1]", "[::1]:53"},
           Case{"[::1]:65535", "[::1]:65535"},
           Case{"2001:db8::5353", "[2001:db8::5353]:53"},
           Case{"fe80::1", "[fe80::1]:53"},
           Case{"fe80::1%lo", "[fe80::1%lo]:53"},
           Case{"[fe80::1%lo]:5353", "[fe80::1%lo]:5353"},
           Case{"[fe80::1%1]:5353", "[fe80::1%lo]:5353"},
           Case{"fe80::1%4000000000", "[fe80::1%4000000000]:53"},
       }) {
    const auto address = SocketAddress::parse(text, 53);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), expected) << text;
    EXPECT_EQ(SocketAddress::parse(address->to_string(), 1), address) << text;
  }
}

TEST(SocketAddress, KeepsTheScopeAsInterfaceIndex) {
  EXPECT_EQ(SocketAddress::parse("fe80::1%lo", 53)->scope, if_nametoindex("lo"));
  EXPECT_EQ(SocketAddress::parse("fe80::1%7777", 53)->scope, 7777U);
  EXPECT_EQ(SocketAddress::parse("fe80::1", 53)->scope, 0U);
}

TEST(SocketAddress, RefusesEverythingElse) {
  for (const char* text : {"",
                           ":53",
                           "1.2.3.4:",
                           "1.2.3.4:65536",
                           "1.2.3.4:-1",
                           "1.2.3.4:+1",
                           "1.2.3.4:dns",
                           "1.2.3.4:53 ",
                           "[1.2.3.4]:53",
                           "[::1",
                           "::1]:53",
                           "[::1]53",
                           "[::1]:",
                           "[]:53",
                           "fe80::1%",
                           "fe80::1%no-such-if",
                           "fe80::1%0",
                           "::1%lo",
                           "1.2.3.4%lo",
                           "localhost:53"}) {
    EXPECT_FALSE(SocketAddress::parse(text, 53)) << text;
  }
}

}  // namespace
}  // namespace meshdns
