#include "redirect/plan/nftables_plan.hpp"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redirect/plan/nft_text.hpp"

namespace meshdns::redirect {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

RedirectSpec dns_of_two_families() {
  RedirectSpec spec;
  spec.inbound.enabled = false;
  spec.outbound.enabled = false;
  spec.dns.enabled = true;
  spec.dns.resolvers = {ip("10.0.0.2"), ip("fd00::2"), ip("127.0.0.53"), ip("10.0.0.2")};
  return spec;
}

RedirectSpec all_dns() {
  RedirectSpec spec = dns_of_two_families();
  spec.dns.resolvers.clear();
  spec.dns.all_traffic = true;
  return spec;
}

// A spec with everything that makes rules.
RedirectSpec everything() {
  RedirectSpec spec = dns_of_two_families();
  spec.inbound = {.port = 15006,
                  .exclude_ports = {22, 23},
                  .exclude_networks = {*IpNetwork::parse("10.1.0.0/16"), *IpNetwork::parse("fd01::/16")}};
  spec.outbound = {.port = 15001,
                   .exclude_ports = {3306},
                   .exclude_networks = {*IpNetwork::parse("10.2.0.1"), *IpNetwork::parse("fd02::1")},
                   .exclude_uids = {{.ports = {{1, 65535}}, .uids = {7, 7}}}};
  spec.virtual_networks = {{"br+", *IpNetwork::parse("172.18.0.0/16")},
                           {"br+", *IpNetwork::parse("fd18::/64")}};
  spec.drop_invalid = true;
  spec.log_level = 4;
  return spec;
}

std::map<std::string, Chain> chains(const RedirectSpec& spec) {
  std::map<std::string, Chain> found;
  const Plan plan = nftables_plan(spec).value();
  for (const Chain& chain : plan.tables.at(0).chains) {
    found.emplace(chain.name, chain);
  }
  return found;
}

std::vector<std::string> rules(const RedirectSpec& spec, const std::string& chain) {
  std::vector<std::string> texts;
  const auto all = chains(spec);
  if (const auto found = all.find(chain); found != all.end()) {
    for (const Rule& rule : found->second.rules) {
      const std::string text = nft_rule(rule);
      texts.push_back(text.substr(0, text.find(" comment ")));
    }
  }
  return texts;
}

TEST(NftablesPlan, NeverRedirectsDnsOfTheExemptUser) {
  for (RedirectSpec spec : {dns_of_two_families(), all_dns()}) {
    spec.exempt_uid = 4321;
    EXPECT_THAT(rules(spec, "dns_zone"), Each(HasSubstr("meta skuid != 4321 ")));
    EXPECT_THAT(rules(spec, "dns_redirect"), Each(HasSubstr("meta skuid != 4321 ")));
  }
}

TEST(NftablesPlan, StandsBeforeConntrackBeforeDockerAndAfterTheRulesOfOthers) {
  auto found = chains(everything());
  EXPECT_EQ(found["dns_zone"].priority, -300);
  EXPECT_EQ(found["drop_invalid"].priority, -150);
  EXPECT_EQ(found["dns_redirect"].priority, -110);
  EXPECT_EQ(found["outbound"].priority, -90);
  EXPECT_EQ(found["inbound"].priority, -110) << "virtual networks come first";
  EXPECT_EQ(chains({})["inbound"].priority, -90);
}

TEST(NftablesPlan, StandsBeforeTheRulesOfOthersOnRequest) {
  RedirectSpec spec = all_dns();
  spec.inbound.enabled = spec.outbound.enabled = true;
  spec.inbound.insert_first = spec.outbound.insert_first = true;
  auto found = chains(spec);
  EXPECT_EQ(found["inbound"].priority, -110);
  EXPECT_FALSE(found.contains("outbound"));
  EXPECT_EQ(found["dns_redirect"].rules.back().action, Action(JumpTo{"mesh_outbound"}));
}

TEST(NftablesPlan, GivesEachRuleItsOwnComment) {
  for (const bool ipv6 : {true, false}) {
    for (RedirectSpec spec : {RedirectSpec{}, dns_of_two_families(), all_dns(), everything()}) {
      spec.ipv6 = ipv6;
      std::size_t count = 0;
      std::set<std::string> comments;
      for (const auto& [name, chain] : chains(spec)) {
        for (const Rule& rule : chain.rules) {
          ++count;
          comments.insert(rule.comment);
          EXPECT_LT(rule.comment.size(), 128U) << rule.comment << ": longer than nftables keeps";
        }
      }
      EXPECT_EQ(comments.size(), count);
    }
  }
}

TEST(NftablesPlan, OfAPlainInstallRedirectsTcpInBothDirections) {
  EXPECT_THAT(rules({}, "inbound"),
              ElementsAre("tcp flags & (fin | syn | rst | ack) == syn jump mesh_inbound"));
  EXPECT_THAT(rules({}, "outbound"),
              ElementsAre("tcp flags & (fin | syn | rst | ack) == syn jump mesh_outbound"));
  EXPECT_THAT(rules({}, "mesh_inbound"), ElementsAre("meta l4proto tcp jump inbound_redirect"));
  EXPECT_THAT(
      rules({}, "mesh_outbound"),
      ElementsAre("ip saddr 127.0.0.6/32 oifname \"lo\" return", "ip6 saddr ::6/128 oifname \"lo\" return",
                  "meta l4proto tcp oifname \"lo\" ip daddr != 127.0.0.1/32 meta skuid 5678 jump "
                  "inbound_redirect",
                  "meta l4proto tcp oifname \"lo\" ip6 daddr != ::1/128 meta skuid 5678 jump "
                  "inbound_redirect",
                  "meta l4proto tcp oifname \"lo\" meta skuid != 5678 return", "meta skuid 5678 return",
                  "ip daddr 127.0.0.1/32 return", "ip6 daddr ::1/128 return", "jump outbound_redirect"));
  EXPECT_THAT(rules({}, "inbound_redirect"), ElementsAre("meta l4proto tcp redirect to :15006"));
  EXPECT_THAT(rules({}, "outbound_redirect"), ElementsAre("meta l4proto tcp redirect to :15001"));
  EXPECT_THAT(rules({}, "dns_redirect"), IsEmpty());
}

TEST(NftablesPlan, OfDnsAloneHasNoOtherChains) {
  EXPECT_EQ(chains(all_dns()).size(), 2U);
  RedirectSpec gateway;
  gateway.inbound.enabled = false;
  EXPECT_FALSE(chains(gateway).contains("inbound"));
}

TEST(NftablesPlan, LeavesExcludedUsersAndDestinationsAloneEverywhere) {
  for (const char* chain : {"dns_redirect", "outbound"}) {
    EXPECT_THAT(rules(everything(), chain),
                ::testing::IsSupersetOf({"tcp dport 1-65535 meta skuid 7 return",
                                         "udp dport 1-65535 meta skuid 7 return", "ip daddr 10.2.0.1 return",
                                         "ip6 daddr fd02::1 return"}))
        << chain;
  }
  EXPECT_THAT(rules(everything(), "dns_zone"),
              ElementsAre("udp dport 1-65535 meta skuid 7 return", "ip daddr 10.2.0.1 return",
                          "ip6 daddr fd02::1 return", HasSubstr("ct original zone set 2"),
                          HasSubstr("ct original zone set 2")));
}

TEST(NftablesPlan, TakesVirtualNetworks) {
  EXPECT_THAT(rules(everything(), "inbound"),
              ElementsAre("log prefix \"PREROUTING:\" level warn",
                          "iifname \"br*\" udp dport 53 counter redirect to :15053",
                          "ip daddr != 172.18.0.0/16 iifname \"br*\" meta l4proto tcp redirect to :15001",
                          "iifname \"br*\" udp dport 53 counter redirect to :15053",
                          "ip6 daddr != fd18::/64 iifname \"br*\" meta l4proto tcp redirect to :15001",
                          HasSubstr("jump mesh_inbound")));
}

TEST(NftablesPlan, LeavesDnsOverTcpAloneOnRequest) {
  RedirectSpec spec = all_dns();
  spec.outbound.enabled = true;
  spec.dns.tcp = false;
  EXPECT_THAT(rules(spec, "dns_redirect"), Each(HasSubstr("udp dport 53")));
  EXPECT_EQ(rules(spec, "outbound").front(), "tcp dport 53 meta skuid != 5678 return");
}

TEST(NftablesPlan, ExcludingPort53ExcludesDnsOverTcpOnly) {
  RedirectSpec spec = all_dns();
  spec.outbound.exclude_ports = {53};
  EXPECT_THAT(rules(spec, "dns_redirect"), ElementsAre(HasSubstr("udp dport 53")));
}

TEST(NftablesPlan, SplitsNoZonesOnRequest) {
  RedirectSpec spec = all_dns();
  spec.dns.split_zones = false;
  EXPECT_FALSE(chains(spec).contains("dns_zone"));
}

TEST(NftablesPlan, LeavesIpv6AloneOnRequest) {
  for (RedirectSpec spec : {RedirectSpec{}, dns_of_two_families(), all_dns(), everything()}) {
    spec.ipv6 = false;
    const Plan plan = nftables_plan(spec).value();
    EXPECT_THAT(plan.warnings, IsEmpty());
    for (const Chain& chain : plan.tables[0].chains) {
      if (chain.hook != Hook::None) {
        EXPECT_TRUE(nft_rule(chain.rules[0]).starts_with("meta nfproto ipv6 return ")) << chain.name;
      }
      for (std::size_t i = 1; i < chain.rules.size(); ++i) {
        EXPECT_THAT(nft_rule(chain.rules[i]), Not(HasSubstr("ip6")));
      }
    }
  }
}

TEST(NftablesPlan, WarnsOfAFamilyWithoutResolvers) {
  RedirectSpec spec = all_dns();
  spec.dns.all_traffic = false;
  spec.dns.resolvers = {ip("10.0.0.2")};
  EXPECT_THAT(nftables_plan(spec)->warnings, ElementsAre(HasSubstr("no IPv6 resolver")));
  spec.dns.resolvers = {ip("fd00::2")};
  EXPECT_THAT(nftables_plan(spec)->warnings, ElementsAre(HasSubstr("no IPv4 resolver")));
}

TEST(NftablesPlan, OfNothingIsRefused) {
  RedirectSpec spec = all_dns();
  spec.dns.all_traffic = false;
  EXPECT_THAT(nftables_plan(spec).error().what, HasSubstr("--redirect-all-dns-traffic"));
  spec.dns.enabled = false;
  EXPECT_THAT(nftables_plan(spec).error().what, HasSubstr("nothing to install"));
  EXPECT_EQ(nftables_plan(spec).error().code, Errc::InvalidConfig);
}

}  // namespace
}  // namespace meshdns::redirect
