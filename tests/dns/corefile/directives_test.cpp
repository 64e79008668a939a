#include "dns/corefile/directives.hpp"

#include <array>

#include <gmock/gmock.h>

#include "tests/dns/corefile/one_block.hpp"

namespace meshdns::corefile {
namespace {

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
