#include "redirect/options/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::redirect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Values, ReadBooleansAsGo) {
  for (const char* text : {"1", "t", "T", "true", "TRUE", "True"}) {
    EXPECT_TRUE(parse_bool(text).value()) << text;
  }
  for (const char* text : {"0", "f", "F", "false", "FALSE", "False"}) {
    EXPECT_FALSE(parse_bool(text).value()) << text;
  }
  for (const char* text : {"", "yes", "tRUE", " true"}) {
    EXPECT_FALSE(parse_bool(text).has_value()) << text;
  }
}

TEST(Values, ReadPorts) {
  EXPECT_EQ(parse_port("1"), 1);
  EXPECT_EQ(parse_port("65535"), 65535);
  for (const char* text : {"0", "65536", "-1", "80x", "", "80-90"}) {
    EXPECT_EQ(parse_port(text).error(), std::string("'") + text + "' is not a port, expected 1 to 65535");
  }
  EXPECT_THAT(parse_ports(" 80, 443,,8080 ").value(), ElementsAre(80, 443, 8080));
  EXPECT_THAT(parse_ports("").value(), IsEmpty());
  EXPECT_FALSE(parse_ports("80,http").has_value());
}

TEST(Values, ReadDurationsAsGo) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse_duration("2s"), milliseconds(2000));
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("1m30s"), milliseconds(90'000));
  EXPECT_EQ(parse_duration("1.5s"), milliseconds(1500));
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  for (const char* text : {"", "2", "s", "-1s", "2 s", "2x", "9999999h", "nans", "infs"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(Values, ReadNetworksAsTheyAreWritten) {
  const auto networks = parse_networks("10.0.0.1, 10.1.2.3/8,fd00::/8").value();
  std::vector<std::string> texts;
  for (const IpNetwork& network : networks) {
    texts.push_back(network.to_string());
  }
  EXPECT_THAT(texts, ElementsAre("10.0.0.1", "10.1.2.3/8", "fd00::/8"));
  for (const char* text : {"10.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/-1", "/8", "host"}) {
    EXPECT_FALSE(parse_networks(text).has_value()) << text;
  }
}

TEST(Values, ReadVirtualNetworks) {
  EXPECT_EQ(parse_virtual_network("br+:172.18.0.0/16"),
            (VirtualNetwork{"br+", *IpNetwork::parse("172.18.0.0/16")}));
  EXPECT_EQ(parse_virtual_network("iface:::1/64"), (VirtualNetwork{"iface", *IpNetwork::parse("::1/64")}));
  EXPECT_EQ(parse_virtual_network("docker0").error(), "invalid virtual network definition: docker0");
  EXPECT_EQ(parse_virtual_network("docker0:172.17.0.0").error(), "invalid CIDR definition for 172.17.0.0");
  EXPECT_THAT(parse_virtual_network("a name of sixteen:1.0.0.0/8").error(),
              HasSubstr("name of an interface"));
  EXPECT_THAT(parse_virtual_network("a\"; flush ruleset:1.0.0.0/8").error(),
              HasSubstr("name of an interface"));
}

struct ExclusionCase {
  const char* text;
  bool tcp;
  bool udp;
  std::vector<PortRange> ports;
  UidRange uids;
};

TEST(Values, ReadWhatUsersAreExcludedFrom) {
  for (const auto& [text, tcp, udp, ports, uids] : std::vector<ExclusionCase>{
           {"123", true, true, {{1, 65535}}, {123, 123}},
           {"53,3000-5000:106-108", true, true, {{53, 53}, {3000, 5000}}, {106, 108}},
           {"tcp:80:0", true, false, {{80, 80}}, {0, 0}},
           {"udp:*:7", false, true, {{1, 65535}}, {7, 7}},
           {"*:*:7", true, true, {{1, 65535}}, {7, 7}},
           {"::7", true, true, {{1, 65535}}, {7, 7}},
           {"tcp,udp:1-2:7", true, true, {{1, 2}}, {7, 7}},
       }) {
    EXPECT_EQ(parse_uid_exclusion(text).value(),
              (UidExclusion{.tcp = tcp, .udp = udp, .ports = ports, .uids = uids}))
        << text;
  }
}

// kumactl's words.
TEST(Values, RefuseExclusionsOfUsersThatMakeNoSense) {
  for (const auto& [text, fault] : std::vector<std::pair<const char*, const char*>>{
           {"a3000-5000:1",
            "values or range 'a3000-5000' failed validation: value 'a3000', is not valid uint16"},
           {"http:3000-5000:1", "protocol 'http' is invalid or unsupported"},
           {"tcp,http:1:1", "protocol 'http' is invalid or unsupported"},
           {"3000-5000:1:*", "can't use wildcard '*' for uids"},
           {"3000-5000:1:1,2,3", "uid entry invalid:'1,2,3', it should either be a single item or a range"},
           {"80:root", "values or range 'root' failed validation: value 'root', is not valid uint32"},
           {"90-80:1", "values or range '90-80' failed validation: it ends before it starts"},
           {"0:1", "values or range '0' failed validation: ports start at 1"},
           {"a:b:c:d", "invalid format 'a:b:c:d', expected [protocol:][ports:]uids"},
           {"", "can't use wildcard '*' for uids"},
       }) {
    EXPECT_EQ(parse_uid_exclusion(text).error(), fault) << text;
  }
}

TEST(Values, ReadExecutablesOfAFamilyAsAWhole) {
  const auto all = parse_executables("iptables:/a,iptables-save:/b,iptables-restore:/c").value();
  EXPECT_THAT(
      all, ElementsAre(Pair("iptables", "/a"), Pair("iptables-restore", "/c"), Pair("iptables-save", "/b")));
  EXPECT_TRUE(check_executables(all).has_value());
  EXPECT_TRUE(check_executables({}).has_value());
  EXPECT_THAT(check_executables({{"ip6tables", "/a"}}).error(),
              HasSubstr("missing: ip6tables-save, ip6tables-restore"));
  EXPECT_FALSE(parse_executables("nft:/a").has_value());
  EXPECT_FALSE(parse_executables("iptables").has_value());
}

}  // namespace
}  // namespace meshdns::redirect
