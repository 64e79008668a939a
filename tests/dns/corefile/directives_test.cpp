#include "dns/corefile/directives.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns::corefile {
namespace {

// The only block of a Corefile whose block contains `directives`.
Result<Corefile> block_with(std::string_view directives) {
  return parse_corefile(fmt::format(".:53 {{\n{}\n}}\n", directives), "Corefile");
}

BlockOptions good(std::string_view directives) {
  return block_with(directives).value().options.blocks.at(0);
}

std::string fault(std::string_view directives) {
  const auto corefile = block_with(directives);
  return corefile ? "no fault" : corefile.error().what;
}

std::string names(const std::vector<DomainName>& zones) {
  std::vector<std::string> texts;
  texts.reserve(zones.size());
  for (const auto& zone : zones) {
    texts.push_back(zone.to_string());
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

std::string addresses(const std::vector<SocketAddress>& listen) {
  std::vector<std::string> texts;
  texts.reserve(listen.size());
  for (const auto& address : listen) {
    texts.push_back(address.to_string());
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

std::string upstreams(const std::vector<UpstreamSource>& sources) {
  std::vector<std::string> texts;
  for (const auto& to : sources) {
    if (const auto* const file = std::get_if<ResolvConf>(&to)) {
      texts.push_back("file " + file->path);
    } else if (const auto* const host = std::get_if<UpstreamHost>(&to)) {
      texts.push_back(fmt::format("host {} {}", host->name.to_string(), host->port));
    } else if (const auto* const tls = std::get_if<TlsUpstream>(&to)) {
      texts.push_back(fmt::format("tls {} '{}'", tls->address.to_string(), tls->server_name));
    } else {
      texts.push_back(std::get<SocketAddress>(to).to_string());
    }
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

struct Fault {
  std::string_view directives;
  std::string message;
};

void expect_faults(std::span<const Fault> faults) {
  for (const auto& [directives, message] : faults) {
    EXPECT_EQ(fault(directives), message) << directives;
  }
}

TEST(Directives, NamesTheUnknownOnesAsCoreDnsDoes) {
  expect_faults(std::array{
      Fault{"bogus", "Corefile:2 - Error during parsing: Unknown directive 'bogus'"},
      Fault{"errors\nkubernetes a b {\n c\n}",
            "Corefile:3 - Error during parsing: Unknown directive 'kubernetes'"},
      Fault{"forward . 1.1.1.1 {\n bogus\n}",
            "plugin/forward: Corefile:3 - Error during parsing: unknown property 'bogus'"},
      Fault{"forward . 1.1.1.1 {\n except a {\n b\n }\n}",
            "plugin/forward: Corefile:3 - Error during parsing: option 'except' takes no block"},
  });
}

TEST(Directives, MayBeGivenOnceUnlessTheyAddUp) {
  expect_faults(std::array{
      Fault{"errors\nerrors", "plugin/errors: this plugin can only be used once per Server Block"},
      Fault{"mesh a\nmesh b", "plugin/mesh: this plugin can only be used once per Server Block"},
      Fault{"multisocket\nmultisocket",
            "plugin/multisocket: this plugin can only be used once per Server Block"},
      Fault{"log\nlog\nbind 127.0.0.1\nbind ::1\nforward . 1.1.1.1\nforward . 1.1.1.1", "no fault"},
  });
}

TEST(Mesh, TakesPathsAndOptions) {
  const auto mesh = good(
                        "mesh zone.yaml /etc/mesh builtin:demo {\n owns mesh Example.org\n owns 10.0.0.0/8\n "
                        "ttl 5\n reload off\n}")
                        .mesh;
  ASSERT_TRUE(mesh);
  EXPECT_THAT(mesh->source.paths, testing::ElementsAre("zone.yaml", "/etc/mesh", "builtin:demo"));
  EXPECT_EQ(names(mesh->source.owns), "mesh example.org 10.in-addr.arpa");
  EXPECT_EQ(mesh->source.default_ttl_seconds, 5U);
  EXPECT_FALSE(mesh->reload);
  EXPECT_EQ(mesh->where.file, "Corefile");
  EXPECT_EQ(mesh->where.line, 2U);
}

TEST(Mesh, ReloadsByDefaultWithTtl30) {
  const auto mesh = good("mesh zone.yaml").mesh;
  ASSERT_TRUE(mesh);
  EXPECT_TRUE(mesh->reload);
  EXPECT_EQ(mesh->source.default_ttl_seconds, 30U);
  EXPECT_TRUE(mesh->source.owns.empty());
}

TEST(Mesh, SaysWhatIsWrong) {
  expect_faults(std::array{
      Fault{"mesh",
            "plugin/mesh: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending "
            "after 'mesh'"},
      Fault{"mesh \"\"",
            "plugin/mesh: Corefile:2 - Error during parsing: empty path, expected a zone file or folder"},
      Fault{"mesh a {\n ttl 0\n}",
            "plugin/mesh: Corefile:3 - Error during parsing: invalid ttl '0', expected seconds, 1..86400"},
      Fault{"mesh a {\n ttl 30s\n}",
            "plugin/mesh: Corefile:3 - Error during parsing: invalid ttl '30s', expected seconds, 1..86400"},
      Fault{
          "mesh a {\n ttl 86401\n}",
          "plugin/mesh: Corefile:3 - Error during parsing: invalid ttl '86401', expected seconds, 1..86400"},
      Fault{"mesh a {\n ttl\n}",
            "plugin/mesh: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending "
            "after 'ttl'"},
      Fault{"mesh a {\n reload 5s\n}",
            "plugin/mesh: Corefile:3 - Error during parsing: invalid reload '5s', expected 'on' or 'off'"},
      Fault{"mesh a {\n owns\n}",
            "plugin/mesh: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending "
            "after 'owns'"},
      Fault{"mesh a {\n owns a..b\n}",
            "plugin/mesh: Corefile:3 - Error during parsing: 'a..b' is not a zone: " +
                DomainName::parse("a..b").error()},
  });
}

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
  EXPECT_EQ(block.forward[1].policy, ForwardPolicy::Sequential);
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
  })")
                                     .forward.at(0);
  EXPECT_TRUE(forward.force_tcp);
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
  EXPECT_TRUE(forward.fail_fast);
  EXPECT_THAT(forward.failover, testing::ElementsAre(2));
  EXPECT_EQ(forward.source_address, IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(addresses(forward.resolvers), "9.9.9.9:53 [2620:fe::fe]:5353");
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

TEST(Bind, IsEveryAddressByDefault) {
  EXPECT_EQ(addresses(good("errors").listen), "0.0.0.0:53 [::]:53");
}

TEST(Bind, TakesAddressesAndInterfaces) {
  EXPECT_EQ(addresses(good("bind 127.0.0.1 ::1").listen), "127.0.0.1:53 [::1]:53");
  EXPECT_EQ(addresses(good("bind 127.0.0.1\nbind 127.0.0.2 127.0.0.1").listen), "127.0.0.1:53 127.0.0.2:53");
  EXPECT_EQ(addresses(good("bind 0.0.0.0").listen), "0.0.0.0:53");
  EXPECT_EQ(addresses(good("bind fe80::1%lo").listen), "[fe80::1%lo]:53");
  EXPECT_THAT(addresses(good("bind lo").listen), testing::HasSubstr("127.0.0.1:53"));
}

TEST(Bind, LeavesOutTheExceptionsOfItsOwnLine) {
  EXPECT_EQ(
      addresses(good("bind 127.0.0.1\nbind 127.0.0.2 127.0.0.3 {\n except 127.0.0.3 127.0.0.1\n}").listen),
      "127.0.0.1:53 127.0.0.2:53");
}

TEST(Bind, SaysWhatIsWrong) {
  expect_faults(std::array{
      Fault{"bind",
            "plugin/bind: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending "
            "after 'bind'"},
      Fault{"bind nosuch0", "plugin/bind: not a valid IP address or interface name: \"nosuch0\""},
      Fault{"bind 127.0.0.1:53", "plugin/bind: not a valid IP address or interface name: \"127.0.0.1:53\""},
      Fault{"bind 127.0.0.1 {\n except 127.0.0.1\n}", "plugin/bind: no address is left to listen on"},
  });
}

TEST(Multisocket, SetsTheNumberOfWorkers) {
  EXPECT_EQ(block_with("errors").value().options.workers, 1U);
  EXPECT_EQ(block_with("multisocket 4").value().options.workers, 4U);
  EXPECT_GE(block_with("multisocket").value().options.workers, 1U);
  EXPECT_EQ(parse_corefile("a:1 {\n multisocket 2\n}\nb:1 {\n multisocket 6\n}\nc:1 {\n}\n", "f")
                .value()
                .options.workers,
            6U);
}

TEST(Multisocket, SaysWhatIsWrong) {
  expect_faults(std::array{
      Fault{
          "multisocket 0",
          "plugin/multisocket: Corefile:2 - Error during parsing: invalid num sockets: '0', expected 1..64"},
      Fault{
          "multisocket 65",
          "plugin/multisocket: Corefile:2 - Error during parsing: invalid num sockets: '65', expected 1..64"},
      Fault{
          "multisocket x",
          "plugin/multisocket: Corefile:2 - Error during parsing: invalid num sockets: 'x', expected 1..64"},
      Fault{"multisocket 1 2",
            "plugin/multisocket: Corefile:2 - Error during parsing: Wrong argument count or unexpected line "
            "ending after '2'"},
      Fault{"multisocket 1 {\n x\n}",
            "plugin/multisocket: Corefile:3 - Error during parsing: unknown property 'x'"},
  });
}

TEST(Errors, GoToStandardOutputOnly) {
  EXPECT_FALSE(good("log").errors);
  EXPECT_TRUE(good("errors").errors);
  EXPECT_TRUE(good("errors stdout").errors);
  EXPECT_EQ(fault("errors file.log"), "plugin/errors: invalid log file: file.log");
}

TEST(Errors, ConsolidateWhatAPatternCovers) {
  const auto block = good(
      "errors {\n stacktrace\n consolidate 30s \"^.* i/o timeout$\" warning show_first\n"
      " consolidate 1m x\n consolidate 1m y show_first\n}");
  ASSERT_EQ(block.consolidate.size(), 3U);
  EXPECT_EQ(block.consolidate[0].interval, std::chrono::seconds(30));
  EXPECT_EQ(block.consolidate[0].pattern, "^.* i/o timeout$");
  EXPECT_EQ(block.consolidate[0].level, LogLevel::Warning);
  EXPECT_TRUE(block.consolidate[0].show_first);
  EXPECT_EQ(block.consolidate[1].level, LogLevel::Error);
  EXPECT_FALSE(block.consolidate[1].show_first);
  EXPECT_TRUE(block.consolidate[2].show_first);
}

TEST(Errors, SaysWhatIsWrongWithConsolidate) {
  expect_faults(std::array{
      Fault{
          "errors {\n consolidate 0 x\n}",
          "plugin/errors: Corefile:3 - Error during parsing: invalid interval '0', expected a duration such "
          "as 30s"},
      Fault{"errors {\n consolidate 5s (\n}",
            "plugin/errors: Corefile:3 - Error during parsing: invalid regular expression '(': missing ): ("},
      Fault{"errors {\n consolidate 5s x loud\n}",
            "plugin/errors: Corefile:3 - Error during parsing: unknown word 'loud', expected warning, error, "
            "info or debug, then show_first"},
      Fault{
          "errors {\n consolidate 5s\n}",
          "plugin/errors: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending "
          "after '5s'"},
  });
}

TEST(Log, TakesZonesAFormatAndClasses) {
  EXPECT_TRUE(good("errors").log.empty());
  EXPECT_EQ(names(good("log").log.at(0).zones), ".");
  const auto two = good("log Example.org b\nlog c").log;
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(names(two[0].zones), "example.org b");
  EXPECT_EQ(names(two[1].zones), "c");
  EXPECT_EQ(two[0].format, "");
  const auto formatted = good("log . \"{combined} x\" {\n class denial error\n}").log.at(0);
  EXPECT_EQ(names(formatted.zones), ".");
  EXPECT_EQ(formatted.format, "{combined} x");
  EXPECT_FALSE(formatted.classes.success);
  EXPECT_TRUE(formatted.classes.denial);
  EXPECT_TRUE(formatted.classes.error);
  EXPECT_EQ(good("log {common}").log.at(0).format, "{common}");
  EXPECT_TRUE(good("log {\n class all\n}").log.at(0).classes.success);
}

TEST(Log, SaysWhatIsWrong) {
  expect_faults(std::array{
      Fault{"log {\n class all good\n}",
            "plugin/log: Corefile:3 - Error during parsing: unknown class 'good', expected all, success, "
            "denial "
            "or error"},
      Fault{"log {\n class\n}",
            "plugin/log: Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending "
            "after 'class'"},
  });
}

}  // namespace
}  // namespace meshdns::corefile
