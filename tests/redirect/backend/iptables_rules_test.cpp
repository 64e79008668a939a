#include "redirect/backend/iptables_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redirect/backend/iptables_changes.hpp"
#include "redirect/backend/iptables_programs.hpp"
#include "redirect/backend/nft_listing.hpp"
#include "redirect/backend/ownership.hpp"
#include "redirect/plan/iptables_plan.hpp"
#include "redirect/plan/iptables_text.hpp"
#include "redirect/record.hpp"

namespace meshdns::redirect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string canonical(const std::string& command) {
  return parse_iptables("*nat\n" + command + "\nCOMMIT\n").rules.at(0).canonical;
}

TEST(IptablesRules, ReadTheSameRuleInEveryWriting) {
  for (const auto& [fed, saved] : std::vector<std::pair<const char*, const char*>>{
           {"-A X -p tcp ! --dport 53 -o lo ! -d 127.0.0.1/32 -m owner --uid-owner 1 -j RETURN",
            "-A X ! -d 127.0.0.1/32 -o lo -p tcp -m tcp ! --dport 53 -m owner --uid-owner 1 -j RETURN"},
           {"-I X 3 -m multiport -p tcp --dport 1,3:5 -m owner --uid-owner 7-9 -j RETURN",
            "-A X -p tcp -m multiport --dports 1,3:5 -m owner --uid-owner 7-9 -j RETURN"},
           {"-A X -d 10.1.2.3 -j RETURN", "-A X -d 10.1.2.3/32 -j RETURN"},
           {"-A X -s 10.1.2.3/8 -j RETURN", "-A X -s 10.0.0.0/8 -j RETURN"},
           {"-A X -d fd00:0::1 -j RETURN", "-A X -d fd00::1/128 -j RETURN"},
           {"-I X 1 -j LOG --log-prefix OUTPUT: --log-level 7",
            "-A X -j LOG --log-prefix \"OUTPUT:\" --log-level 7"},
           {"--append X --protocol udp --destination-port 53 --jump REDIRECT --to-ports 1",
            "[12:34] -A X -p udp -m udp --dport 53 -m comment --comment \"a b\" -j REDIRECT --to-ports 1"},
       }) {
    EXPECT_EQ(canonical(fed), canonical(saved)) << fed;
  }
  EXPECT_NE(canonical("-A X -p udp --dport 53 -j ACCEPT"), canonical("-A X -p udp ! --dport 53 -j ACCEPT"));
}

TEST(IptablesRules, KeepWhatMustBeWrittenAgain) {
  const IptablesRules rules = parse_iptables(
      "# a remark\n*nat\n:OUTPUT ACCEPT [1:2]\n:MINE - [0:0]\n"
      "[5:6] -A OUTPUT -p tcp -m comment --comment \"say \\\"it\\\"\" -j MINE\nCOMMIT\n");
  ASSERT_EQ(rules.chains.size(), 1U);
  EXPECT_EQ(rules.chains[0].name, "MINE");
  ASSERT_EQ(rules.rules.size(), 1U);
  EXPECT_EQ(rules.rules[0].spec, "-p tcp -m comment --comment \"say \\\"it\\\"\" -j MINE");
  EXPECT_EQ(rules.rules[0].comment, "say \"it\"");
  EXPECT_EQ(rules.rules[0].target, "MINE");
  EXPECT_EQ(rules.rules[0].packets, 5U);
}

TEST(IptablesRules, PutInsertionsFirst) {
  const auto ordered =
      in_order(parse_iptables("* nat\n-A X -j A\n-I X 1 -j B\n-I X 2 -j C\n-A X -j D\n").rules);
  std::vector<std::string> targets;
  for (const IptablesRule& rule : ordered) {
    targets.push_back(rule.target);
  }
  EXPECT_THAT(targets, ElementsAre("B", "C", "A", "D"));
}

std::string our_rules(bool comments) {
  RedirectSpec spec;
  spec.dns.enabled = spec.dns.all_traffic = true;
  return iptables_text(iptables_plan(spec, {}, Family::Ipv4).value(), {.comments = comments});
}

std::vector<Owner> owners(const std::string& saved_text, const std::string& recorded_text) {
  const IptablesRules saved = parse_iptables(saved_text);
  const IptablesRules recorded = parse_iptables(recorded_text);
  const Ownership ownership(saved, recorded);
  std::vector<Owner> found;
  for (const IptablesRule& rule : saved.rules) {
    found.push_back(ownership.of(rule));
  }
  return found;
}

TEST(Ownership, KnowsOursByTheirMarkOrTheRecord) {
  EXPECT_THAT(owners(our_rules(true), ""), ::testing::Each(Owner::Meshdns));
  EXPECT_THAT(owners(our_rules(false), our_rules(false)), ::testing::Each(Owner::Meshdns));
}

TEST(Ownership, KnowsKumactlsByItsWordsOrItsShapes) {
  EXPECT_THAT(owners(our_rules(false), ""), ::testing::Each(Owner::Kumactl));
  EXPECT_THAT(
      owners("*nat\n-A OUTPUT -m comment --comment \"kuma/mesh/transparent/proxy/x\" -j RETURN\n", ""),
      ElementsAre(Owner::Kumactl));
}

TEST(Ownership, LeavesEverythingElseToOthers) {
  const std::string others =
      "*nat\n"
      "-A OUTPUT -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353\n"
      "-A OUTPUT -p tcp -m comment --comment \"says KUMA_MESH and meshdns: \" -j ACCEPT\n"
      "COMMIT\n*raw\n-A OUTPUT -p udp -m udp --dport 53 -j CT --zone 1\n";
  EXPECT_THAT(owners(others, ""), ::testing::Each(Owner::Others));
  EXPECT_THAT(owners(others + our_rules(true), ""), ::testing::Contains(Owner::Others).Times(3));
}

const Goes kOurs = [](Owner owner) { return owner == Owner::Meshdns; };

TEST(IptablesChanges, NameNothingOfOthersAndReturnEachRuleToItsPlace) {
  const std::string mark = "-m comment --comment \"kuma/mesh/transparent/proxy/meshdns: x\"";
  const IptablesRules saved =
      parse_iptables("*nat\n:KUMA_MESH_INBOUND - [0:0]\n-A OUTPUT -p tcp -j ACCEPT\n-A OUTPUT " + mark +
                     " -j KUMA_MESH_INBOUND\n-A OUTPUT -p udp -j ACCEPT\n-A KUMA_MESH_INBOUND " + mark +
                     " -j RETURN\nCOMMIT\n*filter\n-A OUTPUT " + mark + " -j ACCEPT\nCOMMIT\n");
  const IptablesRules nothing;
  const Ownership ownership(saved, nothing);
  EXPECT_EQ(iptables_replacement(saved, ownership, kOurs, "* raw\n-A OUTPUT -j ACCEPT\nCOMMIT\n"),
            "*raw\n-A OUTPUT -j ACCEPT\nCOMMIT\n"
            "*nat\n-D OUTPUT " +
                mark + " -j KUMA_MESH_INBOUND\n-F KUMA_MESH_INBOUND\n-X KUMA_MESH_INBOUND\nCOMMIT\n");
  EXPECT_EQ(iptables_return(saved, ownership, kOurs), "*nat\n-N KUMA_MESH_INBOUND\n-I OUTPUT 2 " + mark +
                                                          " -j KUMA_MESH_INBOUND\n-I KUMA_MESH_INBOUND 1 " +
                                                          mark + " -j RETURN\nCOMMIT\n");
}

TEST(IptablesChanges, OfNothingAreEmpty) {
  const IptablesRules nothing;
  EXPECT_THAT(iptables_replacement(nothing, Ownership(nothing, nothing), kOurs, ""), IsEmpty());
}

TEST(IptablesMode, IsReadFromTheVersion) {
  using Mode = IptablesPrograms::Mode;
  EXPECT_EQ(iptables_mode("iptables v1.8.9 (nf_tables)\n"), Mode::Nft);
  EXPECT_EQ(iptables_mode("ip6tables-save v1.8.9 (legacy)\n"), Mode::Legacy);
  EXPECT_EQ(iptables_mode("iptables v1.6.1\n"), Mode::Legacy);
  EXPECT_EQ(iptables_mode("iptables-save: unrecognized option '--version'\n"), Mode::Legacy);
  EXPECT_EQ(iptables_mode("nftables v1.0.6\n"), std::nullopt);
}

TEST(NftListing, IsReadWithoutCounters) {
  const auto rules = parse_nft_listing(
      "table inet meshdns {\n\tchain a {\n\t\ttype nat hook output priority -110; policy accept;\n"
      "\t\tudp dport 53 counter packets 12 bytes 34 redirect to :1 comment \"to meshdns\"\n\t}\n}\n");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].comment, "hook");
  EXPECT_EQ(rules[1].chain, "a");
  EXPECT_EQ(rules[1].text, "udp dport 53 counter redirect to :1");
  EXPECT_EQ(rules[1].comment, "to meshdns");
  EXPECT_EQ(rules[1].packets, 12U);
}

TEST(Record, ReadsWhatItWrote) {
  const Record record{.backend = "iptables-nft",
                      .created_tables = {"ip raw", "ip6 nat"},
                      .ipv4 = "* nat\n",
                      .ipv6 = "* raw\n"};
  const Record read = Record::from_text(record.to_text());
  EXPECT_EQ(read.backend, record.backend);
  EXPECT_EQ(read.created_tables, record.created_tables);
  EXPECT_EQ(read.to_text(), Record::from_text(read.to_text()).to_text());
  EXPECT_TRUE(read.ipv4.starts_with("* nat\n"));
  EXPECT_TRUE(read.ipv6.starts_with("* raw\n"));
  EXPECT_THAT(Record::from_text("something else\n\n").backend, IsEmpty());
}

}  // namespace
}  // namespace meshdns::redirect
