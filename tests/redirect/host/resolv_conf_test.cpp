#include "redirect/host/resolv_conf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::redirect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(ParseResolvConf, FindsTheServersInFileOrder) {
  const Resolvers found = parse_resolv_conf(
      "# nameserver 1.1.1.1\n"
      "; nameserver 2.2.2.2\n"
      "domain example.com\n"
      "nameserver 10.0.0.2\n"
      "nameserver\tfd00::2 trailing words\n"
      "  nameserver 127.0.0.53\r\n"
      "nameservers 3.3.3.3\n"
      "options ndots:5\n"
      "nameserver 127.0.0.11",
      "resolv.conf");
  EXPECT_THAT(found.addresses,
              ElementsAre(ip("10.0.0.2"), ip("fd00::2"), ip("127.0.0.53"), ip("127.0.0.11")));
  EXPECT_THAT(found.warnings, IsEmpty());
}

TEST(ParseResolvConf, GivesTheAddressThatPacketsCarry) {
  const Resolvers found = parse_resolv_conf(
      "nameserver fe80::1%eth0\n"
      "nameserver ::ffff:10.0.0.2\n"
      "nameserver 0.0.0.0\n"
      "nameserver ::\n",
      "resolv.conf");
  EXPECT_THAT(found.addresses, ElementsAre(ip("fe80::1"), ip("10.0.0.2"), ip("127.0.0.1"), ip("::1")));
}

TEST(ParseResolvConf, WarnsOfServersThatAreNotAddresses) {
  const Resolvers found =
      parse_resolv_conf("nameserver 10.0.0.2\nnameserver dns.example.com\nnameserver\n", "a.conf");
  EXPECT_THAT(found.addresses, ElementsAre(ip("10.0.0.2")));
  EXPECT_THAT(
      found.warnings,
      ElementsAre("a.conf:2: nameserver \"dns.example.com\" is skipped, expected an IPv4 or IPv6 address",
                  "a.conf:3: nameserver \"\" is skipped, expected an IPv4 or IPv6 address"));
}

TEST(ReadResolvConf, SaysWhyAFileCannotBeRead) {
  const auto missing = read_resolv_conf("/nonexistent/resolv.conf");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Errc::FileUnreadable);
  EXPECT_EQ(missing.error().what, "/nonexistent/resolv.conf: cannot be read: No such file or directory");
  EXPECT_EQ(read_resolv_conf("/").error().what, "/: cannot be read: Is a directory");
}

TEST(ReadResolvConf, ReadsAnEmptyFile) {
  EXPECT_THAT(read_resolv_conf("/dev/null")->addresses, IsEmpty());
}

}  // namespace
}  // namespace meshdns::redirect
