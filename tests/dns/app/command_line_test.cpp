#include "dns/app/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::app {
namespace {

std::expected<CommandLine, EarlyExit> parse(std::vector<const char*> words) {
  return parse_command_line(words);
}

CommandLine good(std::vector<const char*> words) {
  const auto parsed = parse(std::move(words));
  return parsed ? *parsed : throw std::runtime_error(parsed.error().text);
}

TEST(CommandLine, WithoutWordsServes) {
  const auto line = good({});
  EXPECT_EQ(line.action, Action::Serve);
  EXPECT_FALSE(line.quiet);
  EXPECT_FALSE(line.dns_port);
}

TEST(CommandLine, IsWhatKumaDpCalls) {
  const auto line = good({"-conf", "/tmp/kuma-dp-1/Corefile", "-quiet"});
  EXPECT_EQ(line.action, Action::Serve);
  EXPECT_EQ(line.conf, "/tmp/kuma-dp-1/Corefile");
  EXPECT_TRUE(line.quiet);
  EXPECT_EQ(good({"--version"}).action, Action::ShowVersion);
}

TEST(CommandLine, FollowsGosFlagRules) {
  EXPECT_EQ(good({"--conf=a=b"}).conf, "a=b");
  EXPECT_EQ(good({"-conf", "-quiet"}).conf, "-quiet");
  EXPECT_EQ(good({"-p", "0"}).dns_port, 0);
  EXPECT_EQ(good({"-p", "1", "-dns.port=2"}).dns_port, 2);
  EXPECT_TRUE(good({"-quiet=true"}).quiet);
  EXPECT_FALSE(good({"-quiet", "--quiet=F"}).quiet);
  EXPECT_EQ(good({"-plugins=false"}).action, Action::Serve);
  EXPECT_EQ(good({"-plugins"}).action, Action::ShowPlugins);
  EXPECT_EQ(good({"-plugins", "-version"}).action, Action::ShowVersion);
  EXPECT_EQ(good({"-pidfile", "x", "--"}).pid_file, "x");
}

struct Fault {
  std::vector<const char*> words;
  int code;
  std::string_view first_line;
  bool shows_usage;
};

TEST(CommandLine, FailsAsCoreDnsDoes) {
  const Fault faults[] = {
      {{"-bogus"}, 2, "flag provided but not defined: -bogus", true},
      {{"--bogus=1"}, 2, "flag provided but not defined: -bogus", true},
      {{"-conf"}, 2, "flag needs an argument: -conf", true},
      {{"---conf"}, 2, "bad flag syntax: ---conf", true},
      {{"-=x"}, 2, "bad flag syntax: -=x", true},
      {{"-quiet=maybe"}, 2, "invalid boolean value \"maybe\" for -quiet: parse error", true},
      {{"-p", "65536"}, 2, "invalid value \"65536\" for flag -p: expected 0..65535", true},
      {{"-log-level", "loud"},
       2,
       "invalid value \"loud\" for flag -log-level: expected debug, info, warning or error",
       true},
      {{"a", "b"}, 1, "extra command line arguments: [a b]", false},
      {{"-quiet", "a", "-bogus"}, 1, "extra command line arguments: [a -bogus]", false},
      {{"--", "-quiet"}, 1, "extra command line arguments: [-quiet]", false},
      {{"-quiet", "true"}, 1, "extra command line arguments: [true]", false},
      {{"-"}, 1, "extra command line arguments: [-]", false},
      {{"check", "x"}, 1, "extra command line arguments: [x]", false},
      {{"check", "-quiet"}, 2, "flag provided but not defined: -quiet", true},
      {{"explain"}, 2, "explain needs a NAME, and at most a TYPE", true},
      {{"explain", "a", "A", "b"}, 2, "explain needs a NAME, and at most a TYPE", true},
  };
  for (const auto& [words, code, first_line, shows_usage] : faults) {
    const auto parsed = parse(words);
    ASSERT_FALSE(parsed) << first_line;
    EXPECT_EQ(parsed.error().code, code) << first_line;
    EXPECT_EQ(parsed.error().text.substr(0, parsed.error().text.find('\n')), first_line);
    EXPECT_EQ(parsed.error().text.contains("\nUsage of meshdns"), shows_usage) << first_line;
  }
}

TEST(CommandLine, HelpIsNoFault) {
  for (const char* help : {"-h", "--h", "-help", "--help"}) {
    EXPECT_EQ(parse({help}).error().code, 0);
    EXPECT_THAT(parse({help}).error().text, testing::StartsWith("Usage of meshdns:"));
    EXPECT_THAT(parse({"check", help}).error().text, testing::StartsWith("Usage of meshdns check:"));
    EXPECT_THAT(parse({"explain", help}).error().text, testing::StartsWith("Usage of meshdns explain:"));
  }
  EXPECT_THAT(parse({"-h"}).error().text, testing::HasSubstr("\n  -dns.port PORT\n"));
  EXPECT_THAT(parse({"check", "-h"}).error().text, testing::Not(testing::HasSubstr("-pidfile")));
}

TEST(CommandLine, TakesShorthandsRepeatedly) {
  const auto line = good({"--zone", "a.yaml", "--zone=b", "--listen", "127.0.0.1:5300", "--listen", "::1",
                          "--upstream", "10.0.0.2", "--upstream", "[fd00::1]:5353"});
  EXPECT_THAT(line.zones, testing::ElementsAre("a.yaml", "b"));
  ASSERT_EQ(line.listen.size(), 2U);
  EXPECT_EQ(line.listen[0].to_string(), "127.0.0.1:5300");
  EXPECT_EQ(line.listen[1].to_string(), "[::1]:15053");
  ASSERT_EQ(line.upstreams.size(), 2U);
  EXPECT_EQ(line.upstreams[0].to_string(), "10.0.0.2:53");
  EXPECT_EQ(line.upstreams[1].to_string(), "[fd00::1]:5353");
}

TEST(CommandLine, GivesListenAddressesThePortOfAnyPlace) {
  EXPECT_EQ(good({"--listen", "127.0.0.1", "-p", "5353"}).listen.at(0).to_string(), "127.0.0.1:5353");
}

TEST(CommandLine, RefusesBadShorthands) {
  for (const std::vector<const char*>& words : {std::vector<const char*>{"--upstream", "dns.example.org"},
                                                {"--upstream", "1.1.1.1:0"},
                                                {"--listen", "lo"},
                                                {"--listen", ":53"},
                                                {"--zone", ""},
                                                {"-conf", "f", "--zone", "z"},
                                                {"--listen", "::1", "-conf", "f"}}) {
    const auto parsed = parse(words);
    ASSERT_FALSE(parsed) << words[1];
    EXPECT_EQ(parsed.error().code, 2) << words[1];
  }
}

TEST(CommandLine, OfExplainTakesFlagsAnywhere) {
  const auto line = good({"explain", "backend.mesh", "--zone", "z.yaml", "AAAA"});
  EXPECT_EQ(line.action, Action::Explain);
  EXPECT_EQ(line.name, "backend.mesh");
  EXPECT_EQ(line.type, "AAAA");
  EXPECT_THAT(line.zones, testing::ElementsAre("z.yaml"));
  EXPECT_EQ(good({"explain", "a"}).type, "A");
}

}  // namespace
}  // namespace meshdns::app
