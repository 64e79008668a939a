// Directives that change queries or responses: what they read, and what they refuse.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns::corefile {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = NameMatch::Kind;
using Subject = RewriteOptions::Subject;

Result<Corefile> block_with(std::string_view directives) {
  return parse_corefile(fmt::format(".:53 {{\n{}\n}}\n", directives), "Corefile");
}

PluginOptions good(std::string_view directives) {
  auto corefile = block_with(directives);
  EXPECT_TRUE(corefile) << directives << ": " << corefile.error().what;
  return corefile.value().options.blocks.at(0).plugins;
}

ServerOptions good_server(std::string_view directives) {
  return block_with(directives).value().options;
}

std::string fault(std::string_view directives) {
  const auto corefile = block_with(directives);
  return corefile ? "no fault" : corefile.error().what;
}

struct Fault {
  std::string_view directives;
  std::string message;  // behind `plugin/NAME: `
};

void expect_faults(std::string_view directive, std::span<const Fault> faults) {
  for (const auto& [directives, message] : faults) {
    EXPECT_EQ(fault(directives), fmt::format("plugin/{}: {}", directive, message)) << directives;
  }
}

std::string at(int line, std::string_view what) {
  return fmt::format("Corefile:{} - Error during parsing: {}", line, what);
}

std::string argument_fault(int line, std::string_view word) {
  return at(line, fmt::format("Wrong argument count or unexpected line ending after '{}'", word));
}

std::vector<std::string> texts(const std::vector<IpRange>& nets) {
  std::vector<std::string> out;
  for (const IpRange& net : nets) {
    out.push_back(net.to_string());
  }
  return out;
}

TEST(Rewriting, NothingIsChangedWithoutADirective) {
  const PluginOptions options = good("errors");
  EXPECT_FALSE(options.bufsize || options.cancel || options.dns64 || options.header || options.loadbalance ||
               options.minimal || options.nsid);
  EXPECT_TRUE(options.acl.empty() && options.rewrite.empty());
}

TEST(Bufsize, IsASizeOrTheDefault) {
  EXPECT_EQ(good("bufsize").bufsize, 1232U);
  EXPECT_EQ(good("bufsize 512").bufsize, 512U);
  EXPECT_EQ(good("bufsize 4096").bufsize, 4096U);
  expect_faults("bufsize", std::array{Fault{"bufsize 511", argument_fault(2, "511")},
                                      Fault{"bufsize 4097", argument_fault(2, "4097")},
                                      Fault{"bufsize 1k", argument_fault(2, "1k")},
                                      Fault{"bufsize 512 512", argument_fault(2, "512")}});
}

TEST(Loadbalance, KnowsTwoPolicies) {
  EXPECT_TRUE(good("loadbalance").loadbalance);
  EXPECT_TRUE(good("loadbalance round_robin").loadbalance);
  EXPECT_EQ(good("loadbalance").loadbalance->weights, "");
  const auto weighted = good("root /etc\nloadbalance weighted w.txt {\nprefer 10.0.0.0/8\n}").loadbalance;
  EXPECT_EQ(weighted->weights, "/etc/w.txt");
  EXPECT_TRUE(weighted->reload);
  EXPECT_EQ(weighted->prefer.size(), 1U);
  EXPECT_TRUE(good("loadbalance weighted w {\nreload 10s\n}").loadbalance->reload);
  EXPECT_FALSE(good("loadbalance weighted w {\nreload 0s\n}").loadbalance->reload);
  EXPECT_THAT(texts(good("loadbalance {\nprefer 10.1.2.3/8 2001:db8::/32\n}").loadbalance->prefer),
              ElementsAre("10.0.0.0/8", "2001:db8::/32"));
  expect_faults("loadbalance",
                std::array{
                    Fault{"loadbalance fair", "unknown policy: fair"},
                    Fault{"loadbalance round_robin x", at(2, "unknown property for round_robin")},
                    Fault{"loadbalance weighted", at(2, "missing weight file argument")},
                    Fault{"loadbalance weighted a b", at(2, "unexpected argument(s)")},
                    Fault{"loadbalance weighted \"\"", at(2, "empty path, expected a weight file")},
                    Fault{"loadbalance weighted a {\nreload x\n}", at(3, "invalid reload duration 'x'")},
                    Fault{"loadbalance {\nreload 1s\n}",
                          at(3, "unknown property 'reload', only a weight file is reloaded")},
                    Fault{"loadbalance {\nprefer 10.0.0.1\n}", at(3, "invalid CIDR \"10.0.0.1\"")},
                    Fault{"loadbalance {\nbogus\n}", at(3, "unknown property 'bogus'")},
                });
}

TEST(Header, AddsItsLinesUp) {
  const auto header =
      good(
          "header {\nresponse set aa ra\nresponse clear aa\nquery clear RD\nset rd\n}\nheader {\nclear ra\n}")
          .header.value();
  EXPECT_EQ(header.response.set, 0x0100);
  EXPECT_EQ(header.response.clear, 0x0480);
  EXPECT_EQ(header.query.set, 0);
  EXPECT_EQ(header.query.clear, 0x0100);
  expect_faults("header",
                std::array{
                    Fault{"header", argument_fault(2, "header")},
                    Fault{"header {\nbogus set aa\n}",
                          "setting up rule: invalid selector=bogus should be query or response"},
                    Fault{"header {\nresponse\n}", "setting up rule: no flag action provided"},
                    Fault{"header {\nresponse drop aa\n}",
                          "setting up rule: unknown flag action=drop, should be set or clear"},
                    Fault{"header {\nset\n}",
                          "setting up rule: invalid length for flags, at least one should be provided"},
                    Fault{"header {\nquery set tc\n}", "setting up rule: unknown/unsupported flag=tc"},
                });
}

TEST(Nsid, IsItsWordsOrTheNameOfTheHost) {
  EXPECT_EQ(good("nsid east 7").nsid, "east 7");
  EXPECT_NE(good("nsid").nsid, "");
  EXPECT_EQ(fault("nsid " + std::string(256, 'x')),
            "plugin/nsid: " + at(2, "256 octets of data, expected at most 255"));
}

TEST(Acl, ReadsTypesAndNetworks) {
  const auto acl =
      good(
          "acl Example.org {\nallow net 10.1.2.3 2001:db8::/32\nblock type A aaaa net 10.1.0.0/8\n"
          "filter type * TXT\ndrop\n}\nacl")
          .acl;
  ASSERT_THAT(acl, SizeIs(2));
  EXPECT_EQ(acl[0].zones.at(0).to_string(), "example.org");
  EXPECT_THAT(acl[1].zones, IsEmpty());
  const auto& rules = acl[0].rules;
  ASSERT_THAT(rules, SizeIs(4));
  EXPECT_EQ(rules[0].action, AclRule::Action::Allow);
  EXPECT_THAT(texts(rules[0].nets), ElementsAre("10.1.2.3/32", "2001:db8::/32"));
  EXPECT_EQ(rules[1].action, AclRule::Action::Block);
  EXPECT_THAT(rules[1].types, ElementsAre(1, 28));
  EXPECT_THAT(texts(rules[1].nets), ElementsAre("10.0.0.0/8"));
  EXPECT_EQ(rules[2].action, AclRule::Action::Filter);
  EXPECT_THAT(rules[2].types, IsEmpty());
  EXPECT_EQ(rules[3].action, AclRule::Action::Drop);
  expect_faults(
      "acl", std::array{
                 Fault{"acl {\nrefuse\n}",
                       at(3, "unexpected token 'refuse'; expect 'allow', 'block', 'filter' or 'drop'")},
                 Fault{"acl {\nblock type\n}", at(3, "no token specified in 'type' section")},
                 Fault{"acl {\nblock type net 10.0.0.1\n}", at(3, "no token specified in 'type' section")},
                 Fault{"acl {\nblock type BOGUS\n}", at(3, "unexpected token 'BOGUS'; expect legal QTYPE")},
                 Fault{"acl {\nblock net 10.0.0.0/33\n}", at(3, "illegal CIDR notation '10.0.0.0/33'")},
                 Fault{"acl {\nblock file x\n}", at(3, "unexpected token 'file'; expect 'type | net'")},
             });
}

RewriteOptions rule(std::string_view text) {
  return good(fmt::format("rewrite {}", text)).rewrite.at(0);
}

TEST(Rewrite, ReadsNames) {
  const RewriteOptions bare = rule("name Old.example new.example");
  EXPECT_EQ(bare.match.kind, Kind::Exact);
  EXPECT_EQ(bare.match.text, "old.example.");
  EXPECT_EQ(bare.name, "new.example.");
  EXPECT_TRUE(bare.answer_auto);
  EXPECT_FALSE(bare.continues);

  const RewriteOptions prefix = rule("continue name prefix Pay- cash-");
  EXPECT_EQ(prefix.match.kind, Kind::Prefix);
  EXPECT_EQ(prefix.match.text, "pay-");
  EXPECT_EQ(prefix.name, "cash-");
  EXPECT_FALSE(prefix.answer_auto);
  EXPECT_TRUE(prefix.continues);

  const RewriteOptions regex = rule(
      "stop {\nname regex (.*)\\.Example {1}.test\nanswer name (.*)\\.test {1}.example\nvalue (.*) {1}\n}");
  EXPECT_EQ(regex.match.text, "(.*)\\.Example") << "an expression is taken as written";
  EXPECT_EQ(regex.name, "{1}.test.");
  ASSERT_THAT(regex.answers, SizeIs(2));
  EXPECT_FALSE(regex.answers[0].is_value);
  EXPECT_EQ(regex.answers[0].replacement, "{1}.example");
  EXPECT_TRUE(regex.answers[1].is_value);

  EXPECT_THAT(rule("name exact a b answer name c d").answers, SizeIs(1));
  EXPECT_TRUE(rule("name suffix .a .b answer auto").answer_auto);
  EXPECT_EQ(rule("name suffix .a .b").match.text, ".a.");
}

TEST(Rewrite, ReadsNumbers) {
  const RewriteOptions type = rule("type any HINFO");
  EXPECT_EQ(type.subject, Subject::Type);
  EXPECT_EQ(type.from, 255U);
  EXPECT_EQ(type.to, 13U);
  EXPECT_EQ(rule("class CH IN").from, 3U);
  const RewriteOptions ttl = rule("ttl suffix example 30-60");
  EXPECT_EQ(ttl.match.text, "example.");
  EXPECT_EQ(ttl.from, 30U);
  EXPECT_EQ(ttl.to, 60U);
  EXPECT_EQ(rule("ttl example 30").to, 30U);
  EXPECT_EQ(rule("ttl example 30-").to, 2'147'483'647U);
  EXPECT_EQ(rule("ttl example -30").from, 0U);
  const RewriteOptions rcode = rule("rcode regex .* SERVFAIL 3");
  EXPECT_EQ(rcode.from, 2U);
  EXPECT_EQ(rcode.to, 3U);
}

TEST(Rewrite, SaysWhatIsWrong) {
  const std::pair<std::string_view, std::string_view> faults[] = {
      {"answer", "response rewrites must begin with a name rule"},
      {"bogus a b", "invalid rule type \"bogus\""},
      {"stop", "no rule type specified for rewrite"},
      {"edns0 local set 0xffee 0x61",
       "the rule type 'edns0' is not supported, expected name, type, class, ttl or rcode"},
      {"name a", "too few arguments for a name rule"},
      {"name infix a b",
       "name rule supports only exact, prefix, suffix, substring, and regex name matching, "
       "received: infix"},
      {"name a..b c", "no fault"},
      {"name a b..c", "'b..c' is not a name: "},
      {"name regex ( b", "invalid regex matching pattern: "},
      {"name regex (.*) {2}",
       "the rewrite regex pattern ({2}) uses more subexpressions than its corresponding "
       "matching regex pattern ((.*))"},
      {"name suffix .a .b answer", "invalid arguments for suffix rule"},
      {"name suffix .a .b reply auto",
       "exceeded the number of arguments for a non-answer rule argument for "
       "suffix rule"},
      {"name suffix .a .b answer owner", "invalid type \"owner\" for answer rule for suffix rule"},
      {"name suffix .a .b answer name a", "name answer rule for suffix rule: 2 arguments required"},
      {"name suffix .a .b answer auto answer name a b",
       "auto name answer rule cannot be combined with explicit name answer rules"},
      {"type A", "type rules must have exactly two arguments"},
      {"type A BOGUS", "invalid type \"BOGUS\""},
      {"class IN XX", "invalid class \"XX\""},
      {"ttl example", "too few (1) arguments for a ttl rule"},
      {"ttl example -", "invalid TTL '-' for a ttl rule"},
      {"ttl example 60-30", "invalid TTL '60-30' for a ttl rule"},
      {"ttl example 1m", "invalid TTL '1m' for a ttl rule"},
      {"rcode example NXDOMAIN", "too few (2) arguments for a rcode rule"},
      {"rcode example BOGUS NOERROR", "invalid matching RCODE 'BOGUS' for a rcode rule"},
      {"rcode example NOERROR 24", "invalid replacement RCODE '24' for a rcode rule"},
  };
  for (const auto& [text, message] : faults) {
    const std::string found = fault(fmt::format("rewrite {}", text));
    const std::string expected = message == "no fault" ? "no fault" : "plugin/rewrite: " + at(2, message);
    EXPECT_TRUE(found.starts_with(expected)) << text << ": " << found;
  }
}

TEST(Dns64, TakesAPrefixInTwoPlaces) {
  const Dns64Options plain = good("dns64").dns64.value();
  EXPECT_EQ(plain.prefix.to_string(), "64:ff9b::/96");
  EXPECT_FALSE(plain.translate_all || plain.allow_ipv4);
  EXPECT_EQ(good("dns64 2001:db8::/64").dns64->prefix.to_string(), "2001:db8::/64");
  const Dns64Options all = good("dns64 {\nprefix 2001:db8::/32\ntranslate_all\nallow_ipv4\n}").dns64.value();
  EXPECT_EQ(all.prefix.to_string(), "2001:db8::/32");
  EXPECT_TRUE(all.translate_all && all.allow_ipv4);
  expect_faults(
      "dns64",
      std::array{
          Fault{"dns64 2001:db8::", "invalid CIDR address: 2001:db8::"},
          Fault{"dns64 10.0.0.0/8", at(2, "invalid netmask 32 IPv6 address: \"10.0.0.0/8\"")},
          Fault{"dns64 2001:db8::/33", at(2, "invalid prefix length \"2001:db8::/33\"")},
          Fault{"dns64 2001:db8::/24", at(2, "invalid prefix length \"2001:d00::/24\"")},
          Fault{"dns64 {\nprefix 2001:db8::/104\n}", at(3, "invalid prefix length \"2001:db8::/104\"")},
          Fault{"dns64 {\nbogus\n}", at(3, "unknown property 'bogus'")},
      });
}

TEST(Cancel, IsATimeLimit) {
  EXPECT_EQ(good("cancel").cancel, milliseconds(5001));
  EXPECT_EQ(good("cancel 1.5s").cancel, milliseconds(1500));
  EXPECT_EQ(
      fault("cancel soon"),
      "plugin/cancel: " + at(2, "invalid timeout 'soon', expected a duration of at least 1ms, such as 2s"));
}

TEST(Timeouts, HoldForTheServer) {
  const ServerOptions plain = good_server("errors");
  const ServerOptions options = good_server("timeouts {\nread 1s\nwrite 2s\nidle 1m\nmaxtcpqueries 7\n}");
  EXPECT_EQ(options.tcp_first_message_timeout, milliseconds(1'000));
  EXPECT_EQ(options.tcp_write_timeout, milliseconds(2'000));
  EXPECT_EQ(options.tcp_idle_timeout, milliseconds(60'000));
  EXPECT_EQ(options.tcp_max_queries, 7U);
  EXPECT_EQ(plain.tcp_max_queries, 0U);
  EXPECT_EQ(good_server("timeouts {\nidle 2s\n}").tcp_write_timeout, plain.tcp_write_timeout);
  expect_faults(
      "timeouts",
      std::array{
          Fault{"timeouts", at(2, "timeouts block with no timeouts specified")},
          Fault{"timeouts 3s", argument_fault(2, "3s")},
          Fault{"timeouts {\nread 1ms\n}",
                at(3, "timeout provided '1ms' needs to be between 1 second and 24 hours")},
          Fault{"timeouts {\nidle 25h\n}",
                at(3, "timeout provided '25h' needs to be between 1 second and 24 hours")},
          Fault{"timeouts {\nmaxtcpqueries 0\n}",
                at(3, "invalid maxtcpqueries '0', expected a number of queries, or -1 for no limit")},
          Fault{"timeouts {\nlinger 3s\n}", at(3, "unknown property 'linger'")},
      });
}

TEST(Timeouts, TheMostGenerousBlockCounts) {
  const auto corefile = parse_corefile(
      "a:53 {\ntimeouts {\nidle 2s\nmaxtcpqueries 7\n}\n}\nb:53 {\ntimeouts {\nidle 4s\nmaxtcpqueries "
      "-1\n}\n}\n"
      "c:53 {\ntimeouts {\nidle 3s\nmaxtcpqueries 9\n}\n}\n",
      "Corefile");
  ASSERT_TRUE(corefile);
  EXPECT_EQ(corefile->options.tcp_idle_timeout, milliseconds(4'000));
  EXPECT_EQ(corefile->options.tcp_max_queries, 0U);
}

TEST(Root, StandsInFrontOfRelativePaths) {
  const auto corefile = block_with(
      "mesh zone.yaml /etc/zone.yaml unix:kuma.sock {\nstate vips.json\nlast_good good\n}\nroot /srv/dns");
  ASSERT_TRUE(corefile) << corefile.error().what;
  const MeshOptions& mesh = *corefile->options.blocks.at(0).mesh;
  EXPECT_THAT(mesh.source.paths, ElementsAre("/srv/dns/zone.yaml", "/etc/zone.yaml", "unix:kuma.sock"));
  EXPECT_EQ(mesh.source.kuma.state_path, "/srv/dns/vips.json");
  EXPECT_EQ(mesh.last_good, "/srv/dns/good");
  EXPECT_EQ(fault("root"), "plugin/root: " + argument_fault(2, "root"));
}

TEST(Metadata, IsAcceptedAndIgnored) {
  EXPECT_EQ(fault("metadata\nerrors"), "no fault");
  EXPECT_EQ(fault("metadata example.org"), "no fault");
  EXPECT_EQ(fault("loop"), "no fault");
}

TEST(Filter, SaysWhichAddressesAreHidden) {
  EXPECT_FALSE(good("").filter);
  EXPECT_EQ(good("filter aaaa").filter->qtype, 28);
  EXPECT_FALSE(good("filter AAAA").filter->unless_only);
  EXPECT_EQ(good("filter a unless-only").filter->qtype, 1);
  EXPECT_TRUE(good("filter a unless-only").filter->unless_only);
  expect_faults(
      "filter",
      std::array{
          Fault{"filter", argument_fault(2, "filter")},
          Fault{"filter mx", at(2, "invalid type 'mx', expected 'aaaa' or 'a'")},
          Fault{"filter a always", at(2, "unknown property 'always', expected 'unless-only' or nothing")},
          Fault{"filter a unless-only x", argument_fault(2, "x")},
          Fault{"filter a\nfilter aaaa", "this plugin can only be used once per Server Block"},
      });
}

}  // namespace
}  // namespace meshdns::corefile
