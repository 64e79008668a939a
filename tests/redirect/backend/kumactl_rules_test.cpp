#include "redirect/backend/kumactl_rules.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redirect/backend/ownership.hpp"

namespace meshdns::redirect {
namespace {

// kumactl's chains in nat, as far as rules are known by them, with rules of everybody's chains.
std::string saved(const std::string& nat, const std::string& rest = "",
                  const std::string& prefix = "KUMA_MESH_") {
  return fmt::format(
      "*nat\n:{0}INBOUND - [0:0]\n:{0}OUTBOUND - [0:0]\n:{0}INBOUND_REDIRECT - [0:0]\n:{0}OUTBOUND_REDIRECT "
      "- "
      "[0:0]\n-A {0}OUTBOUND -m owner --uid-owner 5678 -j RETURN\n"
      "-A {0}OUTBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15001\n{1}COMMIT\n{2}",
      prefix, nat, rest);
}

// Of the rules in PREROUTING and OUTPUT, one letter each: of Kumactl, Others, or Unclear.
std::string owners(const std::string& text) {
  const IptablesRules rules = parse_iptables(text);
  const IptablesRules nothing;
  const Ownership ownership(rules, nothing);
  std::string found;
  for (const IptablesRule& rule : rules.rules) {
    if (rule.chain == "PREROUTING" || rule.chain == "OUTPUT") {
      const Owner owner = ownership.of(rule);
      found += owner == Owner::Kumactl ? 'K' : owner == Owner::Unclear ? '?' : '-';
    }
  }
  return found;
}

const std::string kDns =
    "-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 5678 -j RETURN\n"
    "-A OUTPUT -d 10.0.0.2/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053\n";

TEST(KumactlRules, OfDnsSpareItsUserAndLeadToOnePort) {
  EXPECT_EQ(owners(saved(kDns)), "KK");
  EXPECT_EQ(owners(saved(kDns + "-A OUTPUT -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353\n")), "KK-");
  EXPECT_EQ(owners(saved("-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 1 -j RETURN\n" + kDns)),
            "-KK");
  EXPECT_EQ(owners(saved("-A OUTPUT -p tcp -m tcp --dport 53 -m owner ! --uid-owner 5678 -j RETURN\n"
                         "-A OUTPUT -p tcp -m tcp --dport 53 -m owner ! --uid-owner 1 -j RETURN\n"
                         "-A OUTPUT -p tcp -m tcp --dport 53 -j RETURN\n")),
            "K--");
  EXPECT_EQ(owners(saved(kDns +
                         "-A OUTPUT -p tcp -j ACCEPT\n"
                         "-A OUTPUT -d 10.0.0.9/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053\n")),
            "KK-?")
      << "an operator may have added a server";
  EXPECT_EQ(owners("*nat\n" + kDns), "--") << "without its chains nothing is its";
}

TEST(KumactlRules, OfZonesAreForTheUserThePortAndTheServersOfItsDns) {
  const auto zones = [](const std::string& rules) { return owners(saved(kDns, "*raw\n" + rules)).substr(2); };
  EXPECT_EQ(zones("-A PREROUTING -s 10.0.0.2/32 -p udp -m udp --sport 53 -j CT --zone 1\n"
                  "-A PREROUTING -d 10.0.0.2/32 -p udp -m udp --sport 53 -j CT --zone 1\n"
                  "-A PREROUTING -s 10.0.0.3/32 -p udp -m udp --sport 53 -j CT --zone 1\n"
                  "-A PREROUTING -p udp -m udp --sport 53 -j CT --zone 1\n"),
            "KK--")
      << "releases before 2.8 name the server as the destination";
  EXPECT_EQ(zones("-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 5678 -j CT --zone 1\n"
                  "-A OUTPUT -p udp -m udp --sport 15053 -m owner --uid-owner 5678 -j CT --zone 2\n"
                  "-A OUTPUT -d 10.0.0.2/32 -p udp -m udp --dport 53 -j CT --zone 2\n"
                  "-A OUTPUT -p udp -m udp --sport 16053 -m owner --uid-owner 5678 -j CT --zone 2\n"
                  "-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 1 -j CT --zone 1\n"
                  "-A OUTPUT -p udp -m udp --dport 53 -j CT --zone 2\n"
                  "-A OUTPUT -d 10.0.0.2/32 -p udp -m udp --dport 53 -j CT --zone 7\n"),
            "KKK----");
}

TEST(KumactlRules, ThatLogComeInPairs) {
  const std::string out = "-A OUTPUT -j LOG --log-prefix \"OUTPUT:\" --log-level 7\n";
  const std::string in = "-A PREROUTING -j LOG --log-prefix \"PREROUTING:\" --log-level 7\n";
  EXPECT_EQ(owners(saved(in + out)), "KK");
  EXPECT_EQ(owners(saved(out)), "-");
  EXPECT_EQ(owners(saved(in + "-A OUTPUT -j LOG --log-prefix \"OUTPUT:\"\n")), "--");
  EXPECT_EQ(owners(saved(in + "-A OUTPUT -p tcp -j LOG --log-prefix \"OUTPUT:\" --log-level 7\n")), "--");
}

TEST(KumactlRules, ThatExcludeStandOnTopOfItsDns) {
  const std::string user = "-A OUTPUT -p tcp -m multiport --dports 80 -m owner --uid-owner 33 -j RETURN\n";
  const std::string all_of_user =
      "-A OUTPUT -p udp -m multiport --dports 1:65535 -m owner --uid-owner 106-108 -j RETURN\n";
  const std::string address = "-A OUTPUT -d 10.9.0.0/16 -j RETURN\n";
  const std::string others = "-A OUTPUT -p tcp -j ACCEPT\n";
  const std::string logs =
      "-A PREROUTING -j LOG --log-prefix \"PREROUTING:\" --log-level 7\n"
      "-A OUTPUT -j LOG --log-prefix \"OUTPUT:\" --log-level 7\n";
  EXPECT_EQ(owners(saved(user + all_of_user + address + kDns)), "KKKKK");
  EXPECT_EQ(owners(saved(logs + address + kDns)), "KKKKK");
  EXPECT_EQ(owners(saved(address + kDns)), "?KK") << "an operator may have put it there";
  EXPECT_EQ(owners(saved(address + user + kDns)), "?KKK");
  EXPECT_EQ(owners(saved(kDns + user + address)), "KK--") << "it was there before";
  EXPECT_EQ(owners(saved(user + others + kDns)), "?-KK");
  EXPECT_EQ(owners(saved(all_of_user)), "K");
  EXPECT_EQ(owners(saved(user + address)), "??");
  EXPECT_EQ(owners(saved(logs + address)), "KK?") << "it may have been there before";
  EXPECT_EQ(owners(saved("-A OUTPUT -p tcp -m tcp --dport 80 -m owner --uid-owner 33 -j RETURN\n" + kDns)),
            "-KK");
}

TEST(KumactlRules, OfAVirtualNetworkComeInPairs) {
  const std::string dns = "-A PREROUTING -i br+ -p udp -m udp --dport 53 -j REDIRECT --to-ports 15053\n";
  const std::string tcp = "-A PREROUTING ! -d 172.18.0.0/16 -i br+ -p tcp -j REDIRECT --to-ports 15001\n";
  EXPECT_EQ(owners(saved(dns + tcp)), "KK");
  EXPECT_EQ(owners(saved(dns)), "-");
  EXPECT_EQ(owners(saved(tcp + dns)), "--");
  EXPECT_EQ(owners(saved(dns + "-A PREROUTING ! -d 172.18.0.0/16 -i br+ -p tcp -j REDIRECT --to-ports 80\n")),
            "--");
  EXPECT_EQ(
      owners(saved(dns + "-A PREROUTING ! -d 172.18.0.0/16 -i eth0 -p tcp -j REDIRECT --to-ports 15001\n")),
      "--");
}

TEST(KumactlRules, ThatDropAreAnybodys) {
  const std::string rest =
      "*mangle\n-A PREROUTING -m conntrack --ctstate INVALID -j DROP\n"
      "-A PREROUTING -p tcp -m conntrack --ctstate INVALID -j DROP\n";
  EXPECT_EQ(owners(saved("", rest)), "?-");
  EXPECT_EQ(owners(rest), "--");
}

TEST(KumactlRules, MayHaveChainsWithoutAPrefix) {
  const auto jump = [](const std::string& chain) {
    return fmt::format("-A PREROUTING -p tcp -j {}\n", chain);
  };
  EXPECT_EQ(owners(saved(kDns + jump("MESH_INBOUND"), "", "MESH_")), "KKK");
  EXPECT_EQ(owners(saved(jump("MESH_INBOUND"), "*filter\n:MESH_INBOUND - [0:0]\n", "MESH_")), "-");
  EXPECT_EQ(owners("*nat\n:MESH_INBOUND - [0:0]\n" + jump("MESH_INBOUND")), "-")
      << "one of them says nothing";
  EXPECT_EQ(owners(saved(jump("MESH_OTHER"), "", "MESH_")), "-");
}

}  // namespace
}  // namespace meshdns::redirect
