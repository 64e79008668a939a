#include "redirect/plan/nft_text.hpp"

#include <gtest/gtest.h>

#include "redirect/plan/nftables_plan.hpp"

namespace meshdns::redirect {
namespace {

RedirectSpec dns_only() {
  RedirectSpec spec;
  spec.inbound.enabled = false;
  spec.outbound.enabled = false;
  spec.dns.enabled = true;
  return spec;
}

TEST(NftText, ForTheResolversOfBothFamilies) {
  RedirectSpec spec = dns_only();
  for (const char* text : {"10.0.0.2", "127.0.0.53", "127.0.0.11", "fd00::2"}) {
    spec.dns.resolvers.push_back(IpAddress::parse(text).value());
  }
  EXPECT_EQ(nft_install_text(nftables_plan(spec).value()), R"(table inet meshdns
delete table inet meshdns
table inet meshdns {
  chain dns_zone {
    type filter hook output priority -300; policy accept;
    ip daddr { 10.0.0.2, 127.0.0.53, 127.0.0.11 } udp dport 53 meta skuid != 5678 counter ct original zone set 2 comment "IPv4 udp: own conntrack zone"
    ip6 daddr fd00::2 udp dport 53 meta skuid != 5678 counter ct original zone set 2 comment "IPv6 udp: own conntrack zone"
  }
  chain dns_redirect {
    type nat hook output priority -110; policy accept;
    ip daddr { 10.0.0.2, 127.0.0.53, 127.0.0.11 } udp dport 53 meta skuid != 5678 counter redirect to :15053 comment "IPv4 udp: to meshdns"
    ip daddr { 10.0.0.2, 127.0.0.53, 127.0.0.11 } tcp dport 53 tcp flags & (fin | syn | rst | ack) == syn meta skuid != 5678 counter redirect to :15053 comment "IPv4 tcp: to meshdns"
    ip6 daddr fd00::2 udp dport 53 meta skuid != 5678 counter redirect to :15053 comment "IPv6 udp: to meshdns"
    ip6 daddr fd00::2 tcp dport 53 tcp flags & (fin | syn | rst | ack) == syn meta skuid != 5678 counter redirect to :15053 comment "IPv6 tcp: to meshdns"
  }
}
)");
}

TEST(NftText, ForAllDnsTraffic) {
  RedirectSpec spec = dns_only();
  spec.exempt_uid = 1000;
  spec.dns.port = 16053;
  spec.dns.all_traffic = true;
  EXPECT_EQ(nft_install_text(nftables_plan(spec).value()), R"(table inet meshdns
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

}  // namespace
}  // namespace meshdns::redirect
