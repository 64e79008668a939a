// `forward` and `alternate`: what they read, and what they refuse.
#include <array>

#include <gmock/gmock.h>

#include "tests/dns/corefile/one_block.hpp"

namespace meshdns::corefile {
namespace {

TEST(Forward, TakesAddressesAndFiles) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"10.0.0.2", "10.0.0.2:53"},
      {"10.0.0.2:5353 10.0.0.3", "10.0.0.2:5353 10.0.0.3:53"},
      {"dns://10.0.0.2:54", "10.0.0.2:54"},
      {"2001:db8::1", "[2001:db8::1]:53"},
      {"[2001:db8::1]:54", "[2001:db8::1]:54"},
      {"dns://[2001:db8::1]", "[2001:db8::1]:53"},
      {"fe80::1%lo", "[fe80::1%lo]:53"},
      {"/etc/resolv.conf 1.1.1.1", "file /etc/resolv.conf 1.1.1.1:53"},
      {"/nonexistent/resolv.conf", "file /nonexistent/resolv.conf"},
      {"dns.Example.org 1.1.1.1", "host dns.example.org 53 1.1.1.1:53"},
      {"dns://dns.example.org.:5353", "host dns.example.org 5353"},
      {"tls://9.9.9.9", "tls 9.9.9.9:853 ''"},
      {"tls://9.9.9.9:8853%dns.quad9.net", "tls 9.9.9.9:8853 'dns.quad9.net'"},
      {"tls://9.9.9.9%dns.quad9.net:8853", "tls 9.9.9.9:8853 'dns.quad9.net'"},
      {"tls://[2620:fe::fe]:8853%dns.quad9.net", "tls [2620:fe::fe]:8853 'dns.quad9.net'"},
  };
  for (const auto& [to, expected] : examples) {
    EXPECT_EQ(upstreams(good(fmt::format("forward . {}", to)).forward.at(0).to), expected) << to;
  }
}

TEST(Forward, KeepsTheOrderOfLinesAndTheirOptions) {
  const auto block = good(
      "forward Example.org 1.1.1.1 {\n policy random\n except a.example.org B.example.org\n}\n"
      "forward . 2.2.2.2\nforward 10.0.0.0/8 3.3.3.3 {\n policy round_robin\n}");
  ASSERT_EQ(block.forward.size(), 3U);
  EXPECT_EQ(block.forward[0].from.to_string(), "example.org");
  EXPECT_EQ(block.forward[0].policy, ForwardPolicy::Random);
  EXPECT_EQ(names(block.forward[0].except), "a.example.org b.example.org");
  EXPECT_EQ(block.forward[1].policy, std::nullopt);
  EXPECT_EQ(block.forward[1].where.line, 6U);
  EXPECT_EQ(block.forward[2].from.to_string(), "10.in-addr.arpa");
  EXPECT_EQ(block.forward[2].policy, ForwardPolicy::RoundRobin);
}

TEST(Forward, WarnsWhenFromStandsForSeveralZones) {
  const auto corefile = block_with("forward 10.0.0.0/7 1.1.1.1").value();
  EXPECT_EQ(corefile.options.blocks[0].forward[0].from.to_string(), "10.in-addr.arpa");
  EXPECT_THAT(corefile.warnings,
              testing::ElementsAre(
                  "Corefile:2: '10.0.0.0/7' stands for 2 zones, only '10.in-addr.arpa' is forwarded"));
}

TEST(Forward, SaysWhatIsWrong) {
  expect_faults(std::array{
      Fault{"forward",
            "plugin/forward: Corefile:2 - Error during parsing: Wrong argument count or unexpected line "
            "ending after 'forward'"},
      Fault{"forward .",
            "plugin/forward: Corefile:2 - Error during parsing: Wrong argument count or unexpected line "
            "ending after '.'"},
      Fault{"forward . nohost", "plugin/forward: not an IP address or file: \"nohost\""},
      Fault{"forward . dns.example.org:0",
            "plugin/forward: not an IP address or file: \"dns.example.org:0\""},
      Fault{"forward . 1.1.1.256", "plugin/forward: not an IP address or file: \"1.1.1.256\""},
      Fault{
          "forward . https://1.1.1.1",
          "plugin/forward: Corefile:2 - Error during parsing: https:// is not supported, expected dns:// or "
          "tls:// in 'https://1.1.1.1'"},
      Fault{"forward . tls://dns.example.org",
            "plugin/forward: Corefile:2 - Error during parsing: 'tls://dns.example.org' is no upstream, "
            "expected "
            "tls://IP[:PORT][%NAME]"},
      Fault{"forward . tls://1.1.1.1%",
            "plugin/forward: Corefile:2 - Error during parsing: 'tls://1.1.1.1%' is no upstream, expected "
            "tls://IP[:PORT][%NAME]"},
      Fault{"forward . 1.1.1.1:0",
            "plugin/forward: Corefile:2 - Error during parsing: invalid port in '1.1.1.1:0', expected "
            "1..65535"},
      Fault{"forward . 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
            "plugin/forward: more than 15 TOs configured: 16"},
      Fault{"forward . 1.1.1.1 {\n policy best\n}",
            "plugin/forward: Corefile:3 - Error during parsing: unknown policy 'best'"},
      Fault{"forward . 1.1.1.1 {\n policy\n}",
            "plugin/forward: Corefile:3 - Error during parsing: Wrong argument count or unexpected line "
            "ending after 'policy'"},
      Fault{"forward . 1.1.1.1 {\n policy random random\n}",
            "plugin/forward: Corefile:3 - Error during parsing: Wrong argument count or unexpected line "
            "ending after 'random'"},
      Fault{"forward . 1.1.1.1 {\n except\n}",
            "plugin/forward: Corefile:3 - Error during parsing: Wrong argument count or unexpected line "
            "ending after 'except'"},
  });
}

TEST(Forward, TakesEveryOption) {
  const ForwardOptions forward = good(R"(forward . 1.1.1.1 {
    force_tcp
    prefer_udp
    expire 5s
    max_age 1m
    max_idle_conns 3
    read_timeout 2s
    max_fails 0
    max_connect_attempts 7
    policy round_robin
    health_check 2s no_rec domain Example.org
    max_concurrent 1000
    next NXDOMAIN refused
    next_on_nodata
    failfast_all_unhealthy_upstreams
    failover servfail
    source_address 10.0.0.1
    resolver 9.9.9.9 [2620:fe::fe]:5353
    trust_ad
    mark 0x5A
    max_rate 900 100
    relay_updates
  })")
                                     .forward.at(0);
  EXPECT_TRUE(forward.force_tcp);
  EXPECT_TRUE(forward.prefer_udp);
  EXPECT_TRUE(forward.trust_ad);
  EXPECT_EQ(forward.mark, 0x5AU);
  EXPECT_EQ(forward.max_rate.per_second, 900U);
  EXPECT_EQ(forward.max_rate.burst, 100U);
  EXPECT_EQ(forward.expire, std::chrono::seconds(5));
  EXPECT_EQ(forward.max_age, std::chrono::minutes(1));
  EXPECT_EQ(forward.max_idle_connections, 3U);
  EXPECT_EQ(forward.max_fails, 0U);
  EXPECT_EQ(forward.max_attempts, 7U);
  EXPECT_EQ(forward.probe.interval, std::chrono::seconds(2));
  EXPECT_FALSE(forward.probe.recursive);
  EXPECT_EQ(forward.probe.name.to_string(), "example.org");
  EXPECT_EQ(forward.max_concurrent, 1000U);
  EXPECT_THAT(forward.next, testing::ElementsAre(3, 5));
  EXPECT_TRUE(forward.next_on_nodata);
  EXPECT_TRUE(forward.relay_updates);
  EXPECT_TRUE(forward.fail_fast);
  EXPECT_THAT(forward.failover, testing::ElementsAre(2));
  EXPECT_EQ(forward.source_address, IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(addresses(forward.resolvers), "9.9.9.9:53 [2620:fe::fe]:5353");
}

TEST(Forward, TakesNumbersAsTheyAreWritten) {
  const auto with = [](std::string_view option) {
    return good(fmt::format("forward . 1.1.1.1 {{\n {}\n}}", option)).forward.at(0);
  };
  EXPECT_EQ(with("mark 23").mark, 23U);
  EXPECT_EQ(with("mark 0XffFFffFF").mark, 0xFFFFFFFFU);
  EXPECT_EQ(with("mark 4294967295").mark, 0xFFFFFFFFU);
  EXPECT_EQ(with("max_rate 7").max_rate.burst, 7U) << "as many as in a second";
  EXPECT_EQ(with("policy random").max_rate.per_second, 0U);
}

TEST(Forward, TakesCertificates) {
  const auto tls = [](std::string_view words) {
    const TlsOptions taken =
        good(fmt::format("forward . tls://1.1.1.1 {{\n tls {}\n tls_servername a\n}}", words))
            .forward.at(0)
            .tls;
    return fmt::format("{}|{}|{}|{}", taken.certificate, taken.key, taken.ca, taken.server_name);
  };
  EXPECT_EQ(tls(""), "|||a");
  EXPECT_EQ(tls("ca.pem"), "||ca.pem|a");
  EXPECT_EQ(tls("own.pem own.key"), "own.pem|own.key||a");
  EXPECT_EQ(tls("own.pem own.key ca.pem"), "own.pem|own.key|ca.pem|a");
}

TEST(Forward, SaysWhichOptionIsWrong) {
  const std::string parse = "plugin/forward: Corefile:3 - Error during parsing: ";
  const std::string count = "Wrong argument count or unexpected line ending after ";
  const std::pair<std::string_view, std::string> examples[] = {
      {"force_tcp yes", parse + count + "'yes'"},
      {"prefer_udp yes", parse + count + "'yes'"},
      {"next_on_nodata yes", parse + count + "'yes'"},
      {"failfast_all_unhealthy_upstreams yes", parse + count + "'yes'"},
      {"expire", parse + count + "'expire'"},
      {"expire soon", parse + "invalid expire 'soon', expected a duration such as 10s or 500ms"},
      {"expire -1s", "plugin/forward: expire can't be negative: -1s"},
      {"max_age -1s", "plugin/forward: max_age can't be negative: -1s"},
      {"read_timeout -1s", "plugin/forward: read_timeout can't be negative: -1s"},
      {"max_idle_conns -1", "plugin/forward: max_idle_conns can't be negative: -1"},
      {"max_concurrent -1", "plugin/forward: max_concurrent can't be negative: -1"},
      {"max_concurrent many", parse + "invalid max_concurrent 'many', expected a number, 0..4294967295"},
      {"max_fails 4294967296", parse + "invalid max_fails '4294967296', expected a number, 0..4294967295"},
      {"max_connect_attempts 1.5",
       parse + "invalid max_connect_attempts '1.5', expected a number, 0..4294967295"},
      {"health_check -1s", "plugin/forward: health_check can't be negative: -1s"},
      {"health_check 1ms", parse + "invalid health_check '1ms', expected 0 or at least 100ms"},
      {"health_check 1s rec", "plugin/forward: health_check: unknown option rec"},
      {"health_check 1s domain", parse + count + "'domain'"},
      {"health_check 1s domain a..b",
       "plugin/forward: health_check: invalid domain name a..b: " + DomainName::parse("a..b").error()},
      {"tls a b c d", parse + count + "'d'"},
      {"tls_servername", parse + count + "'tls_servername'"},
      {"next", parse + count + "'next'"},
      {"next NODATA", "plugin/forward: NODATA is not a valid rcode"},
      {"failover NOERROR", "plugin/forward: NoError cannot be used in failover"},
      {"failover XX", "plugin/forward: XX is not a valid rcode"},
      {"source_address eth0", parse + "invalid source_address 'eth0', expected an IP address of this host"},
      {"trust_ad yes", parse + count + "'yes'"},
      {"mark", parse + count + "'mark'"},
      {"mark 0", parse + "invalid mark '0', expected a number, 1..4294967295 or 0x1..0xffffffff"},
      {"mark 5A", parse + "invalid mark '5A', expected a number, 1..4294967295 or 0x1..0xffffffff"},
      {"mark 0x", parse + "invalid mark '0x', expected a number, 1..4294967295 or 0x1..0xffffffff"},
      {"mark -1", parse + "invalid mark '-1', expected a number, 1..4294967295 or 0x1..0xffffffff"},
      {"mark 0x100000000",
       parse + "invalid mark '0x100000000', expected a number, 1..4294967295 or 0x1..0xffffffff"},
      {"max_rate", parse + count + "'max_rate'"},
      {"max_rate 0", parse + "invalid max_rate '0', expected a number, 1..4294967295"},
      {"max_rate 5 0", parse + "invalid max_rate '0', expected a number, 1..4294967295"},
      {"max_rate 5/s", parse + "invalid max_rate '5/s', expected a number, 1..4294967295"},
      {"max_rate 5 5 5", parse + count + "'5'"},
      {"resolver dns.example.org", parse + "invalid resolver 'dns.example.org', expected IP[:PORT]"},
      {"doh_method GET", parse + "unknown property 'doh_method'"},
  };
  for (const auto& [option, message] : examples) {
    EXPECT_EQ(fault(fmt::format("forward . 1.1.1.1 {{\n {}\n}}", option)), message) << option;
  }
}

TEST(Alternate, TakesCodesAndServers) {
  const auto alternates = good(
                              "alternate NXDOMAIN,servfail,NXDOMAIN . 10.0.0.2 /etc/resolv.conf\nalternate "
                              "original REFUSED . 10.0.0.3")
                              .alternate;
  ASSERT_EQ(alternates.size(), 2U);
  EXPECT_THAT(alternates[0].rcodes, testing::ElementsAre(3, 2));
  EXPECT_EQ(upstreams(alternates[0].to), "10.0.0.2:53 file /etc/resolv.conf");
  EXPECT_EQ(alternates[0].where.line, 2U);
  EXPECT_THAT(alternates[1].rcodes, testing::ElementsAre(5));
  EXPECT_EQ(upstreams(alternates[1].to), "10.0.0.3:53");
}

TEST(Alternate, TakesWhatKumaWrites) {
  const auto block = good(R"(forward . 127.0.0.1:15054
    # three lines
    # of comment
    # stand here
    alternate NOTIMP,FORMERR,NXDOMAIN,SERVFAIL,REFUSED . /etc/resolv.conf
    errors)");
  EXPECT_EQ(upstreams(block.forward.at(0).to), "127.0.0.1:15054");
  EXPECT_THAT(block.alternate.at(0).rcodes, testing::ElementsAre(4, 1, 3, 2, 5));
}

TEST(Alternate, SaysWhatIsWrong) {
  const std::string parse = "plugin/alternate: Corefile:2 - Error during parsing: ";
  const std::string count = "Wrong argument count or unexpected line ending after ";
  expect_faults(std::array{
      Fault{"alternate", parse + count + "'alternate'"},
      Fault{"alternate NXDOMAIN .", parse + count + "'.'"},
      Fault{"alternate original NXDOMAIN .", parse + count + "'.'"},
      Fault{"alternate NXDOMAIN,BOGUS . 1.1.1.1", "plugin/alternate: BOGUS is not a valid rcode"},
      Fault{"alternate NXDOMAIN, . 1.1.1.1", "plugin/alternate:  is not a valid rcode"},
      Fault{"alternate notimpl . 1.1.1.1\nalternate NXDOMAIN,NOTIMP . 1.1.1.1",
            "plugin/alternate: rcode 'NOTIMP' is specified more than once"},
      Fault{"alternate NXDOMAIN . nohost", "plugin/alternate: not an IP address or file: \"nohost\""},
      Fault{"alternate NXDOMAIN . 1.1.1.1 {\n policy random\n}",
            "plugin/alternate: additional parameters not allowed"},
      Fault{"alternate NXDOMAIN . tls://1.1.1.1", "plugin/alternate: only dns transport allowed"},
  });
}

TEST(Alternate, WarnsAboutAZone) {
  const auto corefile = block_with("alternate NXDOMAIN example.org 1.1.1.1").value();
  EXPECT_THAT(
      corefile.warnings,
      testing::ElementsAre("Corefile:2: 'example.org' is not looked at, an alternate is for every name"));
}

}  // namespace
}  // namespace meshdns::corefile
