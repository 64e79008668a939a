#include "zones/kuma/dns_name.hpp"

#include <string>

#include <gtest/gtest.h>

namespace meshdns::kuma {
namespace {

const std::string k63(63, 'a');
const std::string k64(64, 'a');

TEST(IsDnsName, TakesWhatVirtualOutboundsMayUse) {
  for (const std::string& text :
       {std::string("a"), std::string("Cart-Teal.shop"), std::string("redis_ns_svc_6379.mesh"),
        std::string("_http._tcp.shop"), std::string("a."), std::string("a.b."), std::string("a_"),
        std::string("a.b_"), std::string("9.shop"), std::string("a-.b-"), std::string("_"), k63,
        k63 + ".shop", k63 + "_", "b." + k63 + "_", std::string("1.2.3")}) {
    EXPECT_TRUE(is_dns_name(text)) << text;
  }
}

TEST(IsDnsName, RefusesTheRest) {
  for (const std::string& text : {std::string(),
                                  std::string("."),
                                  std::string("_.."),
                                  std::string(".a"),
                                  std::string("a..b"),
                                  std::string("a.."),
                                  std::string("-a"),
                                  std::string("a.-b"),
                                  std::string("a b"),
                                  std::string("a*"),
                                  std::string("*.shop"),
                                  std::string("cart-<no value>.shop"),
                                  std::string("caf\xc3\xa9"),
                                  std::string("a:80"),
                                  std::string("a/b"),
                                  std::string("a\n"),
                                  std::string("a\0b", 3),
                                  k64,
                                  k64 + ".shop",
                                  k63 + "_.shop",
                                  k63 + "__"}) {
    EXPECT_FALSE(is_dns_name(text)) << text;
  }
}

TEST(IsDnsName, RefusesAddresses) {
  EXPECT_FALSE(is_dns_name("10.0.0.1"));
  EXPECT_FALSE(is_dns_name("::1"));
  EXPECT_TRUE(is_dns_name("10.0.0.256"));
}

TEST(IsDnsName, CountsNoDotsTowardsItsLength) {
  std::string text = k63;
  for (int i = 0; i < 3; ++i) {
    text += "." + k63;
  }
  EXPECT_TRUE(is_dns_name(text + ".abc"));
  EXPECT_FALSE(is_dns_name(text + ".abcd"));
  std::string dotted = "a";
  for (int i = 0; i < 254; ++i) {
    dotted += ".a";
  }
  EXPECT_TRUE(is_dns_name(dotted));
  EXPECT_FALSE(is_dns_name(dotted + ".a"));
}

TEST(IsRfc1123Subdomain, TakesLowerCaseOnly) {
  for (const char* const text : {"a", "9", "a-b.c9.d", "0.0"}) {
    EXPECT_TRUE(is_rfc1123_subdomain(text)) << text;
  }
  for (const char* const text : {"", "A", "a_b", "-a", "a-", "a.-b", "a..b", "a.", ".a", "a b", "*.a"}) {
    EXPECT_FALSE(is_rfc1123_subdomain(text)) << text;
  }
  EXPECT_TRUE(is_rfc1123_subdomain(std::string(253, 'a')));
  EXPECT_FALSE(is_rfc1123_subdomain(std::string(254, 'a')));
}

TEST(IsRfc1035Label, BeginsWithALetterAndHasNoDots) {
  for (const char* const text : {"a", "a9", "cart-1"}) {
    EXPECT_TRUE(is_rfc1035_label(text)) << text;
  }
  for (const char* const text : {"", "9a", "a.b", "a_b", "A", "a-", "-a"}) {
    EXPECT_FALSE(is_rfc1035_label(text)) << text;
  }
  EXPECT_TRUE(is_rfc1035_label(k63));
  EXPECT_FALSE(is_rfc1035_label(k64));
}

}  // namespace
}  // namespace meshdns::kuma
