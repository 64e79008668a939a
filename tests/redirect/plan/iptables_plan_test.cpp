// The rules of iptables, word for word. The expected texts are Kuma's, of `kumactl install
// transparent-proxy`.
#include "redirect/plan/iptables_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redirect/plan/iptables_text.hpp"

namespace meshdns::redirect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

std::string text_of(const RedirectSpec& spec, Family family = Family::Ipv4, const IptablesFacts& facts = {}) {
  return iptables_text(iptables_plan(spec, facts, family).value(), {.comments = false});
}

// The commands of one chain.
std::string chain(const std::string& text, const std::string& table, const std::string& name) {
  const std::size_t start = text.find("* " + table + "\n");
  if (start == std::string::npos) {
    return "no table " + table;
  }
  std::istringstream lines(text.substr(start, text.find("COMMIT", start) - start));
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("-A " + name + " ") || line.starts_with("-I " + name + " ")) {
      found += line + "\n";
    }
  }
  return found;
}

RedirectSpec with_dns(std::vector<IpAddress> resolvers) {
  RedirectSpec spec;
  spec.dns.enabled = true;
  spec.dns.resolvers = std::move(resolvers);
  return spec;
}

RedirectSpec with_all_dns() {
  RedirectSpec spec;
  spec.dns.enabled = true;
  spec.dns.all_traffic = true;
  return spec;
}

TEST(IptablesPlan, OfAPlainInstall) {
  EXPECT_EQ(text_of({}),
            "* nat\n"
            "-N KUMA_MESH_INBOUND\n"
            "-N KUMA_MESH_OUTBOUND\n"
            "-N KUMA_MESH_INBOUND_REDIRECT\n"
            "-N KUMA_MESH_OUTBOUND_REDIRECT\n"
            "-A PREROUTING -p tcp -j KUMA_MESH_INBOUND\n"
            "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND\n"
            "-A KUMA_MESH_INBOUND -p tcp -j KUMA_MESH_INBOUND_REDIRECT\n"
            "-A KUMA_MESH_OUTBOUND -s 127.0.0.6/32 -o lo -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -p tcp -o lo ! -d 127.0.0.1/32 -m owner --uid-owner 5678 -j "
            "KUMA_MESH_INBOUND_REDIRECT\n"
            "-A KUMA_MESH_OUTBOUND -p tcp -o lo -m owner ! --uid-owner 5678 -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -m owner --uid-owner 5678 -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -d 127.0.0.1/32 -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -j KUMA_MESH_OUTBOUND_REDIRECT\n"
            "-A KUMA_MESH_INBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15006\n"
            "-A KUMA_MESH_OUTBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15001\n"
            "COMMIT\n");
}

TEST(IptablesPlan, OfAllDnsTraffic) {
  EXPECT_EQ(text_of(with_all_dns()),
            "* raw\n"
            "-A PREROUTING -p udp --sport 53 -j CT --zone 1\n"
            "-A OUTPUT -p udp --dport 53 -m owner --uid-owner 5678 -j CT --zone 1\n"
            "-A OUTPUT -p udp --sport 15053 -m owner --uid-owner 5678 -j CT --zone 2\n"
            "-A OUTPUT -p udp --dport 53 -j CT --zone 2\n"
            "COMMIT\n"
            "* nat\n"
            "-N KUMA_MESH_INBOUND\n"
            "-N KUMA_MESH_OUTBOUND\n"
            "-N KUMA_MESH_INBOUND_REDIRECT\n"
            "-N KUMA_MESH_OUTBOUND_REDIRECT\n"
            "-A PREROUTING -p tcp -j KUMA_MESH_INBOUND\n"
            "-I OUTPUT 1 -p udp --dport 53 -m owner --uid-owner 5678 -j RETURN\n"
            "-I OUTPUT 2 -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND\n"
            "-A KUMA_MESH_INBOUND -p tcp -j KUMA_MESH_INBOUND_REDIRECT\n"
            "-A KUMA_MESH_OUTBOUND -s 127.0.0.6/32 -o lo -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -p tcp ! --dport 53 -o lo ! -d 127.0.0.1/32 -m owner --uid-owner 5678 -j "
            "KUMA_MESH_INBOUND_REDIRECT\n"
            "-A KUMA_MESH_OUTBOUND -p tcp ! --dport 53 -o lo -m owner ! --uid-owner 5678 -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -m owner --uid-owner 5678 -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -p tcp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-A KUMA_MESH_OUTBOUND -d 127.0.0.1/32 -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -j KUMA_MESH_OUTBOUND_REDIRECT\n"
            "-A KUMA_MESH_INBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15006\n"
            "-A KUMA_MESH_OUTBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15001\n"
            "COMMIT\n");
}

TEST(IptablesPlan, OfTheResolversOfAFamily) {
  const RedirectSpec spec = with_dns({ip("10.0.0.2"), ip("127.0.0.53"), ip("fd00::2"), ip("10.0.0.2")});
  const std::string ipv4 = text_of(spec);
  EXPECT_EQ(chain(ipv4, "raw", "PREROUTING"),
            "-A PREROUTING -s 10.0.0.2 -p udp --sport 53 -j CT --zone 1\n"
            "-A PREROUTING -s 127.0.0.53 -p udp --sport 53 -j CT --zone 1\n");
  EXPECT_EQ(chain(ipv4, "raw", "OUTPUT"),
            "-A OUTPUT -p udp --dport 53 -m owner --uid-owner 5678 -j CT --zone 1\n"
            "-A OUTPUT -p udp --sport 15053 -m owner --uid-owner 5678 -j CT --zone 2\n"
            "-A OUTPUT -d 10.0.0.2 -p udp --dport 53 -j CT --zone 2\n"
            "-A OUTPUT -d 127.0.0.53 -p udp --dport 53 -j CT --zone 2\n"
            "-A OUTPUT -s 127.0.0.53 -d 127.0.0.1/32 -p udp -j CT --zone 1\n");
  EXPECT_EQ(chain(ipv4, "nat", "OUTPUT"),
            "-I OUTPUT 1 -p udp --dport 53 -m owner --uid-owner 5678 -j RETURN\n"
            "-I OUTPUT 2 -d 10.0.0.2 -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-I OUTPUT 3 -d 127.0.0.53 -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND\n");
  EXPECT_THAT(chain(ipv4, "nat", "KUMA_MESH_OUTBOUND"),
              HasSubstr("-A KUMA_MESH_OUTBOUND -m owner --uid-owner 5678 -j RETURN\n"
                        "-A KUMA_MESH_OUTBOUND -d 10.0.0.2 -p tcp --dport 53 -j REDIRECT --to-ports 15053\n"
                        "-A KUMA_MESH_OUTBOUND -d 127.0.0.53 -p tcp --dport 53 -j REDIRECT --to-ports 15053\n"
                        "-A KUMA_MESH_OUTBOUND -d 127.0.0.1/32 -j RETURN\n"));
  const std::string ipv6 = text_of(spec, Family::Ipv6);
  EXPECT_EQ(chain(ipv6, "raw", "PREROUTING"), "-A PREROUTING -s fd00::2 -p udp --sport 53 -j CT --zone 1\n");
  EXPECT_THAT(chain(ipv6, "nat", "KUMA_MESH_OUTBOUND"), HasSubstr("-s ::6/128 -o lo -j RETURN\n"));
  EXPECT_THAT(chain(ipv6, "nat", "KUMA_MESH_OUTBOUND"), HasSubstr("-d ::1/128 -j RETURN\n"));
}

// What Kuma does since 2.11.9.
TEST(IptablesPlan, LeavesDnsOverTcpAloneOnRequest) {
  for (RedirectSpec spec : {with_all_dns(), with_dns({ip("10.0.0.2")})}) {
    spec.dns.tcp = false;
    const std::string text = text_of(spec);
    EXPECT_TRUE(chain(text, "nat", "OUTPUT")
                    .ends_with("-A OUTPUT -p tcp --dport 53 -m owner ! --uid-owner 5678 -j RETURN\n"
                               "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND\n"));
    EXPECT_EQ(chain(text, "nat", "KUMA_MESH_OUTBOUND"), chain(text_of({}), "nat", "KUMA_MESH_OUTBOUND"));
  }
}

TEST(IptablesPlan, WithoutResolversOfTheFamilyLeavesItsDnsAlone) {
  const Plan plan = iptables_plan(with_dns({ip("10.0.0.2")}), {}, Family::Ipv6).value();
  EXPECT_THAT(plan.warnings, ElementsAre("there is no IPv6 resolver: DNS over IPv6 is left alone"));
  EXPECT_EQ(plan.tables.size(), 1U);
  EXPECT_THAT(iptables_text(plan, {.comments = false}), ::testing::Not(HasSubstr("53")));
}

TEST(IptablesPlan, SplitsNoZonesOnRequestOrWhereItCannot) {
  RedirectSpec spec = with_all_dns();
  spec.dns.split_zones = false;
  EXPECT_THAT(text_of(spec), ::testing::Not(HasSubstr("* raw")));
  EXPECT_THAT(iptables_plan(spec, {}, Family::Ipv4)->warnings, IsEmpty());
  spec.dns.split_zones = true;
  for (const IptablesFacts& facts : {IptablesFacts{.raw_table = false}, IptablesFacts{.conntrack = false},
                                     IptablesFacts{.docker_output = true}}) {
    const Plan plan = iptables_plan(spec, facts, Family::Ipv4).value();
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("IPv4: conntrack zones are not split")));
    EXPECT_EQ(plan.tables[0].name, "nat");
  }
  EXPECT_EQ(iptables_plan(with_dns({ip("10.0.0.2")}), {.docker_output = true}, Family::Ipv4)->tables[0].name,
            "raw");
}

TEST(IptablesPlan, SendsOwnQueriesThroughDockersChain) {
  EXPECT_THAT(chain(text_of(with_all_dns(), Family::Ipv4, {.docker_output = true}), "nat", "OUTPUT"),
              HasSubstr("-I OUTPUT 1 -p udp --dport 53 -m owner --uid-owner 5678 -j DOCKER_OUTPUT\n"));
}

TEST(IptablesPlan, ExcludesAndIncludesInboundPortsAndSenders) {
  RedirectSpec spec;
  spec.inbound.exclude_ports = {22, 8080};
  spec.inbound.exclude_networks = {*IpNetwork::parse("10.0.0.1"), *IpNetwork::parse("fd00::/8"),
                                   *IpNetwork::parse("192.168.0.0/16")};
  EXPECT_EQ(chain(text_of(spec), "nat", "KUMA_MESH_INBOUND"),
            "-A KUMA_MESH_INBOUND -s 10.0.0.1 -j RETURN\n"
            "-A KUMA_MESH_INBOUND -s 192.168.0.0/16 -j RETURN\n"
            "-A KUMA_MESH_INBOUND -p tcp --dport 22 -j RETURN\n"
            "-A KUMA_MESH_INBOUND -p tcp --dport 8080 -j RETURN\n"
            "-A KUMA_MESH_INBOUND -p tcp -j KUMA_MESH_INBOUND_REDIRECT\n");
  spec.inbound.exclude_networks.clear();
  spec.inbound.include_ports = {80};
  EXPECT_EQ(chain(text_of(spec), "nat", "KUMA_MESH_INBOUND"),
            "-A KUMA_MESH_INBOUND -p tcp --dport 80 -j KUMA_MESH_INBOUND_REDIRECT\n");
  spec.inbound.enabled = false;
  EXPECT_EQ(chain(text_of(spec), "nat", "KUMA_MESH_INBOUND"), "-A KUMA_MESH_INBOUND -p tcp -j RETURN\n");
}

TEST(IptablesPlan, ExcludesAndIncludesOutboundPorts) {
  RedirectSpec spec;
  spec.outbound.exclude_ports = {3306, 5432};
  EXPECT_TRUE(chain(text_of(spec), "nat", "KUMA_MESH_OUTBOUND")
                  .starts_with("-A KUMA_MESH_OUTBOUND -p tcp --dport 3306 -j RETURN\n"
                               "-A KUMA_MESH_OUTBOUND -p tcp --dport 5432 -j RETURN\n"
                               "-A KUMA_MESH_OUTBOUND -s 127.0.0.6/32"));
  spec.outbound.include_ports = {80, 443};
  const std::string included = chain(text_of(spec), "nat", "KUMA_MESH_OUTBOUND");
  EXPECT_TRUE(included.starts_with("-A KUMA_MESH_OUTBOUND -s 127.0.0.6/32"));
  EXPECT_TRUE(
      included.ends_with("-A KUMA_MESH_OUTBOUND -p tcp --dport 80 -j KUMA_MESH_OUTBOUND_REDIRECT\n"
                         "-A KUMA_MESH_OUTBOUND -p tcp --dport 443 -j KUMA_MESH_OUTBOUND_REDIRECT\n"));
  spec.outbound.enabled = false;
  EXPECT_EQ(chain(text_of(spec), "nat", "KUMA_MESH_OUTBOUND"), "-A KUMA_MESH_OUTBOUND -p tcp -j RETURN\n");
}

TEST(IptablesPlan, ExcludesUsersAndDestinationsBeforeDns) {
  RedirectSpec spec = with_all_dns();
  spec.outbound.exclude_uids = {
      {.tcp = true, .udp = true, .ports = {{53, 53}, {3000, 5000}}, .uids = {106, 108}},
      {.tcp = false, .udp = true, .ports = {{1, 65535}}, .uids = {1000, 1000}}};
  spec.outbound.exclude_networks = {*IpNetwork::parse("10.0.0.0/8"), *IpNetwork::parse("fd00::1")};
  spec.log_level = 7;
  EXPECT_EQ(chain(text_of(spec), "nat", "OUTPUT"),
            "-I OUTPUT 1 -j LOG --log-prefix OUTPUT: --log-level 7\n"
            "-I OUTPUT 2 -m multiport -p tcp --dport 53,3000:5000 -m owner --uid-owner 106-108 -j RETURN\n"
            "-I OUTPUT 3 -m multiport -p udp --dport 53,3000:5000 -m owner --uid-owner 106-108 -j RETURN\n"
            "-I OUTPUT 4 -m multiport -p udp --dport 1:65535 -m owner --uid-owner 1000 -j RETURN\n"
            "-I OUTPUT 5 -d 10.0.0.0/8 -j RETURN\n"
            "-I OUTPUT 6 -p udp --dport 53 -m owner --uid-owner 5678 -j RETURN\n"
            "-I OUTPUT 7 -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND\n");
  EXPECT_EQ(chain(text_of(spec), "nat", "PREROUTING"),
            "-A PREROUTING -j LOG --log-prefix PREROUTING: --log-level 7\n"
            "-A PREROUTING -p tcp -j KUMA_MESH_INBOUND\n");
  EXPECT_THAT(chain(text_of(spec, Family::Ipv6), "nat", "OUTPUT"),
              HasSubstr("-I OUTPUT 5 -d fd00::1 -j RETURN"));
  EXPECT_EQ(iptables_plan(spec, {.multiport = false}, Family::Ipv4).error().code, Errc::Unsupported);
}

TEST(IptablesPlan, TakesVirtualNetworksInTheOrderOfTheirNames) {
  RedirectSpec spec;
  spec.virtual_networks = {{"docker0", *IpNetwork::parse("172.17.0.0/16")},
                           {"iface", *IpNetwork::parse("::1/64")},
                           {"br+", *IpNetwork::parse("172.18.0.0/16")}};
  EXPECT_EQ(chain(text_of(spec), "nat", "PREROUTING"),
            "-I PREROUTING 1 -i br+ -m udp -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-I PREROUTING 2 ! -d 172.18.0.0/16 -i br+ -p tcp -j REDIRECT --to-ports 15001\n"
            "-I PREROUTING 3 -i docker0 -m udp -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-I PREROUTING 4 ! -d 172.17.0.0/16 -i docker0 -p tcp -j REDIRECT --to-ports 15001\n"
            "-I PREROUTING 5 -p tcp -j KUMA_MESH_INBOUND\n");
  EXPECT_EQ(chain(text_of(spec, Family::Ipv6), "nat", "PREROUTING"),
            "-I PREROUTING 1 -i iface -m udp -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-I PREROUTING 2 ! -d ::1/64 -i iface -p tcp -j REDIRECT --to-ports 15001\n"
            "-I PREROUTING 3 -p tcp -j KUMA_MESH_INBOUND\n");
}

TEST(IptablesPlan, PutsQueriesOfVirtualNetworksIntoTheZoneOfTheirReplies) {
  RedirectSpec spec = with_all_dns();
  spec.virtual_networks = {{"br+", *IpNetwork::parse("172.18.0.0/16")}};
  EXPECT_EQ(chain(text_of(spec), "raw", "PREROUTING"),
            "-A PREROUTING -i br+ -p udp --dport 53 -j CT --zone 2\n"
            "-A PREROUTING -p udp --sport 53 -j CT --zone 1\n");
  spec.dns.split_zones = false;
  EXPECT_EQ(chain(text_of(spec), "raw", "PREROUTING"), "no table raw");
}

TEST(IptablesPlan, InsertsTheJumpsOnRequest) {
  RedirectSpec spec = with_all_dns();
  spec.inbound.insert_first = true;
  spec.outbound.insert_first = true;
  EXPECT_EQ(chain(text_of(spec), "nat", "PREROUTING"), "-I PREROUTING 1 -p tcp -j KUMA_MESH_INBOUND\n");
  EXPECT_TRUE(chain(text_of(spec), "nat", "OUTPUT").ends_with("-I OUTPUT 3 -p tcp -j KUMA_MESH_OUTBOUND\n"));
}

TEST(IptablesPlan, DropsInvalidPacketsWhereItCan) {
  RedirectSpec spec;
  spec.drop_invalid = true;
  EXPECT_TRUE(
      text_of(spec).ends_with("COMMIT\n* mangle\n"
                              "-A PREROUTING -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n"));
  const Plan without = iptables_plan(spec, {.mangle_table = false}, Family::Ipv4).value();
  EXPECT_THAT(without.warnings, ElementsAre(HasSubstr("invalid packets are not dropped")));
  EXPECT_EQ(without.tables.size(), 1U);
}

TEST(IptablesPlan, OfDnsAloneRedirectsNothingElse) {
  RedirectSpec spec = with_all_dns();
  spec.inbound.enabled = false;
  spec.outbound.enabled = false;
  EXPECT_EQ(chain(text_of(spec), "nat", "KUMA_MESH_OUTBOUND"),
            "-A KUMA_MESH_OUTBOUND -m owner --uid-owner 5678 -j RETURN\n"
            "-A KUMA_MESH_OUTBOUND -p tcp --dport 53 -j REDIRECT --to-ports 15053\n"
            "-A KUMA_MESH_OUTBOUND -p tcp -j RETURN\n");
}

TEST(IptablesText, SaysWhatEachRuleIsForUnderKumasPrefix) {
  const Plan plan = iptables_plan(with_all_dns(), {}, Family::Ipv4).value();
  const std::string text = iptables_text(plan, {});
  EXPECT_THAT(
      text, HasSubstr("-I OUTPUT 2 -m comment --comment \"kuma/mesh/transparent/proxy/meshdns: DNS over UDP "
                      "to meshdns\" -p udp --dport 53 -j REDIRECT --to-ports 15053\n"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("-A") || line.starts_with("-I")) {
      const std::size_t start = line.find("--comment \"kuma/mesh/transparent/proxy/meshdns: ");
      ASSERT_NE(start, std::string::npos) << line;
      EXPECT_LE(line.find('"', start + 11) - start - 11, 254U);
    }
  }
}

TEST(IptablesText, WritesLongNamesWhenVerbose) {
  const std::string text = iptables_text(iptables_plan(with_all_dns(), {}, Family::Ipv4).value(),
                                         {.comments = false, .verbose = true});
  EXPECT_THAT(
      text, HasSubstr("# the table raw\n* raw\n--append PREROUTING --protocol udp --source-port 53 --jump CT "
                      "--zone 1\n"));
  EXPECT_THAT(text, HasSubstr("--new-chain KUMA_MESH_INBOUND\n"));
  EXPECT_THAT(
      text, HasSubstr("--insert OUTPUT 1 --protocol udp --destination-port 53 --match owner --uid-owner 5678 "
                      "--jump RETURN\n"));
  EXPECT_THAT(
      text,
      HasSubstr("--append KUMA_MESH_OUTBOUND --source 127.0.0.6/32 --out-interface lo --jump RETURN\n"));
}

}  // namespace
}  // namespace meshdns::redirect
