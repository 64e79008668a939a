#include "redirect/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::redirect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

RedirectSpec two_families() {
  return {.resolvers = {ip("10.0.0.2"), ip("fd00::2"), ip("127.0.0.53"), ip("10.0.0.2")}};
}

std::vector<Rule> all_rules(const Plan& plan) {
  std::vector<Rule> rules;
  for (const Chain& chain : plan.chains) {
    rules.insert(rules.end(), chain.rules.begin(), chain.rules.end());
  }
  return rules;
}

TEST(Plan, NeverRedirectsTheExemptUser) {
  for (const bool all : {false, true}) {
    RedirectSpec spec = two_families();
    spec.exempt_uid = 4321;
    spec.all_dns_traffic = all;
    for (const Rule& rule : all_rules(plan(spec).value())) {
      EXPECT_EQ(rule.except_uid, 4321U);
    }
  }
}

TEST(Plan, SplitsZonesBeforeConntrackAndRedirectsBeforeDocker) {
  const std::vector<Chain> chains = plan(two_families())->chains;
  ASSERT_EQ(chains.size(), 2U);
  EXPECT_EQ(chains[0].type, ChainType::Filter);
  EXPECT_EQ(chains[0].priority, -300);
  EXPECT_EQ(chains[1].type, ChainType::Nat);
  EXPECT_EQ(chains[1].priority, -110);
}

TEST(Plan, MatchesTheResolversOfEachFamilyOnceAndInOrder) {
  for (const Rule& rule : all_rules(plan(two_families()).value())) {
    if (rule.family == Family::Ipv4) {
      EXPECT_THAT(rule.destinations, ElementsAre(ip("10.0.0.2"), ip("127.0.0.53")));
    } else {
      EXPECT_EQ(rule.family, Family::Ipv6);
      EXPECT_THAT(rule.destinations, ElementsAre(ip("fd00::2")));
    }
  }
}

TEST(Plan, RedirectsUdpAndTcpOfBothFamiliesToThePort) {
  RedirectSpec spec = two_families();
  spec.dns_port = 16053;
  const auto rule = [](Family family, Protocol protocol) {
    return AllOf(Field(&Rule::family, family), Field(&Rule::protocol, protocol),
                 Field(&Rule::action, Action::Redirect), Field(&Rule::target, 16053), Field(&Rule::port, 53));
  };
  EXPECT_THAT(plan(spec)->chains[1].rules,
              ElementsAre(rule(Family::Ipv4, Protocol::Udp), rule(Family::Ipv4, Protocol::Tcp),
                          rule(Family::Ipv6, Protocol::Udp), rule(Family::Ipv6, Protocol::Tcp)));
}

TEST(Plan, KeepsTcpInTheCommonZone) {
  const Plan planned = plan(two_families()).value();
  for (const Rule& rule : planned.chains[0].rules) {
    EXPECT_EQ(rule.protocol, Protocol::Udp);
    EXPECT_EQ(rule.action, Action::SplitZone);
  }
}

TEST(Plan, OfAllDnsTrafficNeedsNoResolver) {
  const Plan planned = plan({.all_dns_traffic = true, .resolvers = {}}).value();
  EXPECT_THAT(planned.warnings, IsEmpty());
  for (const Rule& rule : all_rules(planned)) {
    EXPECT_EQ(rule.family, Family::Any);
    EXPECT_THAT(rule.destinations, IsEmpty());
  }
}

TEST(Plan, LeavesIpv6AloneOnRequest) {
  for (const bool all : {false, true}) {
    RedirectSpec spec = two_families();
    spec.all_dns_traffic = all;
    spec.ipv6 = false;
    const Plan planned = plan(spec).value();
    EXPECT_THAT(planned.warnings, IsEmpty());
    for (const Rule& rule : all_rules(planned)) {
      EXPECT_EQ(rule.family, Family::Ipv4);
    }
  }
}

TEST(Plan, WarnsOfAFamilyWithoutResolvers) {
  EXPECT_THAT(plan({.resolvers = {ip("10.0.0.2")}})->warnings, ElementsAre(HasSubstr("no IPv6 resolver")));
  EXPECT_THAT(plan({.resolvers = {ip("fd00::2")}})->warnings, ElementsAre(HasSubstr("no IPv4 resolver")));
}

TEST(Plan, WithoutAnyResolverSuggestsTheOtherMode) {
  for (const RedirectSpec& spec :
       {RedirectSpec{}, RedirectSpec{.resolvers = {ip("fd00::2")}, .ipv6 = false}}) {
    const auto planned = plan(spec);
    ASSERT_FALSE(planned.has_value());
    EXPECT_EQ(planned.error().code, Errc::InvalidConfig);
    EXPECT_THAT(planned.error().what, HasSubstr("--redirect-all-dns-traffic"));
  }
}

TEST(Plan, RefusesPortZero) {
  RedirectSpec spec = two_families();
  spec.dns_port = 0;
  EXPECT_EQ(plan(spec).error().code, Errc::InvalidConfig);
}

}  // namespace
}  // namespace meshdns::redirect
