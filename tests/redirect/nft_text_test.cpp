#include "redirect/nft_text.hpp"

#include <set>

#include <gtest/gtest.h>

namespace meshdns::redirect {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(NftText, ForTheResolversOfBothFamilies) {
  const RedirectSpec spec{.exempt_uid = 5678,
                          .dns_port = 15053,
                          .resolvers = {ip("10.0.0.2"), ip("127.0.0.53"), ip("127.0.0.11"), ip("fd00::2")}};
  EXPECT_EQ(nft_install_text(plan(spec).value()), R"(table inet meshdns
delete table inet meshdns
table inet meshdns {
  chain dns_zone {
    type filter hook output priority -300; policy accept;
    ip daddr { 10.0.0.2, 127.0.0.53, 127.0.0.11 } udp dport 53 meta skuid != 5678 counter ct original zone set 2 comment "IPv4 udp: own conntrack zone"
    ip6 daddr { fd00::2 } udp dport 53 meta skuid != 5678 counter ct original zone set 2 comment "IPv6 udp: own conntrack zone"
  }
  chain dns_redirect {
    type nat hook output priority -110; policy accept;
    ip daddr { 10.0.0.2, 127.0.0.53, 127.0.0.11 } udp dport 53 meta skuid != 5678 counter redirect to :15053 comment "IPv4 udp: to meshdns"
    ip daddr { 10.0.0.2, 127.0.0.53, 127.0.0.11 } tcp dport 53 tcp flags & (fin | syn | rst | ack) == syn meta skuid != 5678 counter redirect to :15053 comment "IPv4 tcp: to meshdns"
    ip6 daddr { fd00::2 } udp dport 53 meta skuid != 5678 counter redirect to :15053 comment "IPv6 udp: to meshdns"
    ip6 daddr { fd00::2 } tcp dport 53 tcp flags & (fin | syn | rst | ack) == syn meta skuid != 5678 counter redirect to :15053 comment "IPv6 tcp: to meshdns"
  }
}
)");
}

TEST(NftText, ForAllDnsTraffic) {
  const RedirectSpec spec{.exempt_uid = 1000, .dns_port = 16053, .all_dns_traffic = true, .resolvers = {}};
  EXPECT_EQ(nft_install_text(plan(spec).value()), R"(table inet meshdns
delete table inet meshdns
table inet meshdns {
  chain dns_zone {
    type filter hook output priority -300; policy accept;
    udp dport 53 meta skuid != 1000 counter ct original zone set 2 comment "IPv4 and IPv6 udp: own conntrack zone"
  }
  chain dns_redirect {
    type nat hook output priority -110; policy accept;
    udp dport 53 meta skuid != 1000 counter redirect to :16053 comment "IPv4 and IPv6 udp: to meshdns"
    tcp dport 53 tcp flags & (fin | syn | rst | ack) == syn meta skuid != 1000 counter redirect to :16053 comment "IPv4 and IPv6 tcp: to meshdns"
  }
}
)");
}

TEST(NftText, ForAllDnsTrafficOfOneFamilyNamesTheFamily) {
  const Plan planned = plan({.all_dns_traffic = true, .resolvers = {}, .ipv6 = false}).value();
  for (const Chain& chain : planned.chains) {
    for (const Rule& rule : chain.rules) {
      EXPECT_TRUE(nft_rule(rule).starts_with("meta nfproto ipv4 ")) << nft_rule(rule);
    }
  }
}

TEST(NftText, GivesEachRuleItsOwnComment) {
  for (const RedirectSpec& spec : {RedirectSpec{.resolvers = {ip("10.0.0.2"), ip("fd00::2")}},
                                   RedirectSpec{.all_dns_traffic = true, .resolvers = {}}}) {
    const Plan planned = plan(spec).value();
    std::size_t rules = 0;
    std::set<std::string> comments;
    for (const Chain& chain : planned.chains) {
      for (const Rule& rule : chain.rules) {
        ++rules;
        comments.insert(nft_comment(rule));
      }
    }
    EXPECT_EQ(comments.size(), rules);
  }
}

}  // namespace
}  // namespace meshdns::redirect
