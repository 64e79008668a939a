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

std::string upstreams(const ForwardOptions& forward) {
  std::vector<std::string> texts;
  for (const auto& to : forward.to) {
    const auto* const file = std::get_if<ResolvConf>(&to);
    texts.push_back(file != nullptr ? "file " + file->path : std::get<SocketAddress>(to).to_string());
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
  };
  for (const auto& [to, expected] : examples) {
    EXPECT_EQ(upstreams(good(fmt::format("forward . {}", to)).forward.at(0)), expected) << to;
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
      Fault{"forward . dns.example.org:53",
            "plugin/forward: not an IP address or file: \"dns.example.org:53\""},
      Fault{"forward . tls://1.1.1.1",
            "plugin/forward: Corefile:2 - Error during parsing: tls:// is not supported, expected dns:// in "
            "'tls://1.1.1.1'"},
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

TEST(Log, CollectsZones) {
  EXPECT_FALSE(good("errors").log);
  EXPECT_EQ(names(good("log").log->zones), ".");
  EXPECT_EQ(names(good("log Example.org b\nlog c").log->zones), "example.org b c");
  EXPECT_EQ(names(good("log {\n class all\n}").log->zones), ".");
}

TEST(Log, RefusesFormatsAndClasses) {
  expect_faults(std::array{
      Fault{"log . {combined}",
            "plugin/log: Corefile:2 - Error during parsing: log formats are not supported, expected a zone: "
            "'{combined}'"},
      Fault{"log {\n class denial error\n}",
            "plugin/log: Corefile:3 - Error during parsing: log class 'denial' is not supported, expected "
            "'all'"},
  });
}

}  // namespace
}  // namespace meshdns::corefile
