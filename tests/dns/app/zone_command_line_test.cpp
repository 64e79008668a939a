#include "dns/app/zone_command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/app/command_line.hpp"

namespace meshdns::app {
namespace {

using Words = std::vector<const char*>;

std::expected<CommandLine, EarlyExit> parse(Words words) {
  words.insert(words.begin(), "zone");
  return parse_command_line(words);
}

ZoneCommandLine good(Words words) {
  const auto parsed = parse(std::move(words));
  return parsed ? parsed->zone : throw std::runtime_error(parsed.error().text);
}

TEST(ZoneCommandLine, WithoutPathsMeansTheCorefile) {
  const auto parsed = parse({"show", "-conf", "Corefile.test"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->action, Action::Zone);
  EXPECT_EQ(parsed->conf, "Corefile.test");
  EXPECT_EQ(parsed->zone.action, ZoneAction::Show);
  EXPECT_EQ(parsed->zone.output, ZoneOutput::Table);
  EXPECT_TRUE(parsed->zone.source.paths.empty());
}

TEST(ZoneCommandLine, TakesPathsAndFlagsInAnyOrder) {
  const auto line = good({"diff", "old", "--output", "json", "-"});
  EXPECT_EQ(line.action, ZoneAction::Diff);
  EXPECT_EQ(line.output, ZoneOutput::Json);
  EXPECT_THAT(line.source.paths, testing::ElementsAre("old", "-"));
  EXPECT_THAT(good({"vips", "--", "-odd"}).source.paths, testing::ElementsAre("-odd"));
}

TEST(ZoneCommandLine, HasTheOptionsOfTheDirectiveMesh) {
  const ZoneSource source = good({"show",
                                  "a",
                                  "--mesh",
                                  "shop",
                                  "--dataplane=cart-1",
                                  "--dataplane-var",
                                  "a=1,b.c=2=3",
                                  "--dataplane-var",
                                  "d=",
                                  "--domain",
                                  "Mesh.Example.",
                                  "--zone",
                                  "east",
                                  "--service-vips=false",
                                  "--default-generators=0",
                                  "--prefer",
                                  "computed",
                                  "--ipv6-mapped",
                                  "--cidr",
                                  "service=10.0.0.0/8,fd00::/64",
                                  "--cidr",
                                  "mesh_multi_zone_service=fd03::/64",
                                  "--state",
                                  "vips.json",
                                  "--owns",
                                  "mesh",
                                  "--owns",
                                  "local",
                                  "--overlay",
                                  "lab.mesh",
                                  "--ttl",
                                  "5"})
                                .source;
  EXPECT_EQ(source.kuma.mesh, "shop");
  EXPECT_EQ(source.kuma.dataplane, "cart-1");
  EXPECT_THAT(
      source.kuma.dataplane_vars,
      testing::ElementsAre(testing::Pair("a", "1"), testing::Pair("b.c", "2=3"), testing::Pair("d", "")));
  EXPECT_EQ(source.kuma.domain, "mesh.example");
  EXPECT_EQ(source.kuma.zone, "east");
  EXPECT_FALSE(source.kuma.service_vips);
  EXPECT_FALSE(source.kuma.default_generators);
  EXPECT_TRUE(source.kuma.prefer_computed);
  EXPECT_TRUE(source.kuma.ipv6_mapped);
  EXPECT_EQ(source.kuma.service_range,
            (VipRanges{IpRange::parse("10.0.0.0/8"), IpRange::parse("fd00::/64")}));
  EXPECT_EQ(source.kuma.mesh_multi_zone_service_range, (VipRanges{{}, IpRange::parse("fd03::/64")}));
  EXPECT_EQ(source.kuma.mesh_service_range, KumaOptions().mesh_service_range);
  EXPECT_EQ(source.kuma.state_path, "vips.json");
  EXPECT_EQ(source.owns.size(), 2U);
  EXPECT_EQ(source.overlays.at(0).to_string(), "lab.mesh");
  EXPECT_EQ(source.default_ttl_seconds, 5U);
}

TEST(ZoneCommandLine, RefusesWhatMakesNoSense) {
  const std::pair<Words, std::string_view> faults[] = {
      {{}, "zone needs a command"},
      {{"list"}, "unknown command: zone list"},
      {{"-mesh", "a"}, "unknown command: zone -mesh"},
      {{"show", "-listen", "::1"}, "flag provided but not defined: -listen"},
      {{"show", "-output", "xml"},
       "invalid value \"xml\" for flag -output: expected table|json|yaml|dns-json"},
      {{"vips", "-output", "yaml"}, "invalid value \"yaml\" for flag -output: expected table|json"},
      {{"diff", "-conf", "x", "a", "b"}, "flag provided but not defined: -conf"},
      {{"diff", "a"}, "diff needs two paths, OLD and NEW"},
      {{"diff", "-", "-"}, "- (standard input) can be given once, and with no other PATH"},
      {{"show", "-", "a"}, "- (standard input) can be given once, and with no other PATH"},
      {{"show", ""}, "empty path, expected a file or folder"},
      {{"show", "-conf", "x", "a"}, "-conf cannot be combined with a PATH"},
      {{"show", "-mesh", "a"}, "-mesh needs a PATH; in a Corefile, `mesh` has this option"},
      {{"show", "a", "-ttl", "0"}, "invalid value \"0\" for flag -ttl: expected seconds, 1..86400"},
      {{"show", "a", "-ttl", "5s"}, "invalid value \"5s\" for flag -ttl: expected seconds, 1..86400"},
      {{"show", "a", "-prefer", "both"},
       "invalid value \"both\" for flag -prefer: expected status or computed"},
      {{"show", "a", "-domain", "."}, "invalid value \".\" for flag -domain: expected a domain name"},
      {{"show", "a", "-owns", "*.a"},
       "invalid value \"*.a\" for flag -owns: expected a domain name without a wildcard"},
      {{"show", "a", "-dataplane-var", "a"},
       "invalid value \"a\" for flag -dataplane-var: expected NAME=VALUE[,NAME=VALUE...]"},
      {{"show", "a", "-cidr", "240.0.0.0/4"},
       "invalid value \"240.0.0.0/4\" for flag -cidr: expected KIND=CIDR[,CIDR] with KIND one of service, "
       "mesh_service, mesh_external_service, mesh_multi_zone_service"},
      {{"show", "a", "-cidr", "service=240.0.0.1/4"},
       "invalid value \"service=240.0.0.1/4\" for flag -cidr: '240.0.0.1/4' is no range, expected "
       "ADDRESS/PREFIX with no bits behind the prefix"},
      {{"show", "a", "-cidr", "service=10.0.0.0/8,11.0.0.0/8"},
       "invalid value \"service=10.0.0.0/8,11.0.0.0/8\" for flag -cidr: expected at most one range of each "
       "family"},
      {{"show", "-ipv6-mapped=maybe", "a"}, "invalid boolean value \"maybe\" for -ipv6-mapped: parse error"},
  };
  for (const auto& [words, first_line] : faults) {
    const auto parsed = parse(words);
    ASSERT_FALSE(parsed) << first_line;
    EXPECT_EQ(parsed.error().code, 2) << first_line;
    EXPECT_EQ(parsed.error().text.substr(0, parsed.error().text.find('\n')), first_line);
    EXPECT_THAT(parsed.error().text, testing::HasSubstr("\nUsage of meshdns zone")) << first_line;
  }
}

TEST(ZoneCommandLine, HelpIsNoFault) {
  EXPECT_EQ(parse({"-h"}).error().code, 0);
  EXPECT_THAT(parse({"--help"}).error().text, testing::StartsWith("Usage of meshdns zone: "));
  for (const char* word : {"show", "diff", "vips"}) {
    const EarlyExit help = parse({word, "-h"}).error();
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.text, testing::StartsWith(std::string("Usage of meshdns zone ") + word + ": "));
    EXPECT_THAT(help.text, testing::HasSubstr("\n  -cidr KIND=CIDR[,CIDR]\n"));
  }
}

}  // namespace
}  // namespace meshdns::app
