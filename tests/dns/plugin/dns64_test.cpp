#include "dns/plugin/dns64.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/asked.hpp"
#include "tests/support/made_reply.hpp"

namespace meshdns::plugin {
namespace {

using test::Asked;
using test::MadeReply;
using ::testing::ElementsAre;

constexpr std::string_view kWellKnown = "64:ff9b::/96";

Dns64 dns64(std::string_view prefix = kWellKnown, bool translate_all = false, bool allow_ipv4 = false) {
  return Dns64({IpRange::parse(prefix).value(), translate_all, allow_ipv4});
}

bool concerns(const Dns64& dns64, const test::QuerySpec& query, std::string_view client = "2001:db8::1") {
  const Asked asked(query);
  return dns64.concerns(asked.view, {{.ip = IpAddress::parse(client).value()}});
}

bool is_needed(const MadeReply& reply, bool translate_all = false) {
  const Asked asked({.name = "a.example", .type = "AAAA"});
  return dns64(kWellKnown, translate_all).is_needed(test::make_reply(asked.octets, reply));
}

std::optional<test::Reply> synthesized(const Dns64& dns64, const MadeReply& reply, const MadeReply& ipv4) {
  const Asked asked({.name = "a.example", .type = "AAAA"});
  const Asked asked_ipv4({.name = "a.example"});
  const auto made =
      dns64.synthesize(test::make_reply(asked.octets, reply), test::make_reply(asked_ipv4.octets, ipv4));
  return made.empty() ? std::nullopt : test::read_reply(made);
}

TEST(Dns64, ConcernsAaaaOfClientsOverIpv6) {
  const test::QuerySpec aaaa{.name = "a.example", .type = "AAAA"};
  EXPECT_TRUE(concerns(dns64(), aaaa));
  EXPECT_FALSE(concerns(dns64(), aaaa, "192.0.2.1"));
  EXPECT_FALSE(concerns(dns64(), aaaa, "::ffff:192.0.2.1"));
  EXPECT_TRUE(concerns(dns64(kWellKnown, false, true), aaaa, "192.0.2.1"));
  EXPECT_FALSE(concerns(dns64(), {.name = "a.example"}));
  EXPECT_FALSE(concerns(dns64(), {.name = "a.example", .type = "AAAA", .qclass = 3}));
}

TEST(Dns64, LeavesClientsAloneThatCheckDnssecThemselves) {
  EXPECT_FALSE(concerns(
      dns64(), {.name = "a.example", .type = "AAAA", .flags = 0x0110, .edns_size = 1232, .dnssec_ok = true}));
  EXPECT_TRUE(concerns(dns64(), {.name = "a.example", .type = "AAAA", .edns_size = 1232, .dnssec_ok = true}));
}

TEST(Dns64, IsNeededWhereThereIsNoAaaaRecord) {
  const MadeReply aaaa{.answer = {"a.example. 60 IN AAAA 2001:db8::1"}};
  EXPECT_FALSE(is_needed(aaaa));
  EXPECT_TRUE(is_needed(aaaa, true));
  EXPECT_TRUE(is_needed({}));
  EXPECT_TRUE(is_needed({.answer = {"a.example. 60 IN CNAME b.example."}}));
  EXPECT_TRUE(is_needed({.answer = {"a.example. 60 IN AAAA ::ffff:10.0.0.1"}}));
  EXPECT_TRUE(is_needed({.flags = 0x8082})) << "SERVFAIL is like nothing";
  EXPECT_FALSE(is_needed({.flags = 0x8083})) << "NXDOMAIN holds for all types";
  EXPECT_FALSE(is_needed({.flags = 0x8083}, true));
}

TEST(Dns64, PutsTheAddressBehindThePrefix) {
  const auto reply = synthesized(
      dns64(), {},
      {.answer = {"a.example. 60 IN CNAME b.example.", "b.example. 60 IN A 192.0.2.33"}, .flags = 0x80A0});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->question, "a.example. IN AAAA");
  EXPECT_THAT(reply->answer,
              ElementsAre("a.example. 60 IN CNAME b.example.", "b.example. 60 IN AAAA 64:ff9b::c000:221"));
  EXPECT_FALSE(reply->ad);
}

// The table of RFC 6052 2.4.
TEST(Dns64, KnowsEveryLengthOfAPrefix) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"2001:db8::/32", "2001:db8:c000:221::"},
      {"2001:db8:100::/40", "2001:db8:1c0:2:21::"},
      {"2001:db8:122::/48", "2001:db8:122:c000:2:2100::"},
      {"2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"},
      {"2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"},
      {"2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"},
  };
  for (const auto& [prefix, address] : kCases) {
    const auto reply = synthesized(dns64(prefix), {}, {.answer = {"a.example. 60 IN A 192.0.2.33"}});
    ASSERT_TRUE(reply);
    const std::string& answer = reply->answer.at(0);
    EXPECT_EQ(IpAddress::parse(answer.substr(answer.rfind(' ') + 1)), IpAddress::parse(address)) << prefix;
  }
}

TEST(Dns64, LivesNoLongerThanItsSources) {
  const MadeReply ipv4{.answer = {"a.example. 3600 IN A 192.0.2.33"}};
  EXPECT_THAT(synthesized(dns64(), {}, ipv4)->answer,
              ElementsAre("a.example. 600 IN AAAA 64:ff9b::c000:221"));
  EXPECT_THAT(
      synthesized(dns64(), {.authority = {"example. 120 IN SOA ns.example. h.example. 1 2 3 4 5"}}, ipv4)
          ->answer,
      ElementsAre("a.example. 120 IN AAAA 64:ff9b::c000:221"));
  EXPECT_THAT(
      synthesized(dns64(), {.authority = {"example. 7200 IN SOA ns.example. h.example. 1 2 3 4 5"}}, ipv4)
          ->answer,
      ElementsAre("a.example. 3600 IN AAAA 64:ff9b::c000:221"));
}

TEST(Dns64, MakesNothingOfNothing) {
  EXPECT_FALSE(synthesized(dns64(), {}, {}));
  EXPECT_FALSE(synthesized(dns64(), {}, {.flags = 0x8082}));
}

}  // namespace
}  // namespace meshdns::plugin
