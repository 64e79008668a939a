// Documents and environment, row for row: each option can be said in every way and means the same.
#include "redirect/options/sources.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redirect/options/option_table.hpp"

namespace meshdns::redirect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Options read(const std::string& text) {
  Options options;
  const auto done = apply_document(options, text, "c.yaml");
  EXPECT_TRUE(done.has_value()) << done.error().what;
  return options;
}

std::string fault(const std::string& text) {
  Options options;
  const auto done = apply_document(options, text, "c.yaml");
  return done ? "none" : done.error().what;
}

Result<void> environment(Options& options, const std::map<std::string, std::string>& variables) {
  return apply_environment(options, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

// As Kuma's control plane writes it for its init containers.
constexpr const char* kWhole = R"(
comments: {disabled: true}
dropInvalidPackets: true
ipFamilyMode: ipv4
iptablesExecutables:
  iptables: /a
  iptables-restore: /b
  iptables-save: /c
  ip6tables: ""
  ip6tables-restore: ""
  ip6tables-save: ""
kumaDPUser: "5678"
log: {level: 4, enabled: true}
redirect:
  dns: {captureAll: true, enabled: true, port: 16053, resolvConfigPath: /x, skipConntrackZoneSplit: true}
  inbound:
    enabled: false
    excludePorts: [22, 23]
    excludePortsForIPs: ["10.0.0.0/8", "fd00::1"]
    excludePortsForUIDs: []
    includePorts: []
    insertRedirectInsteadOfAppend: true
    port: 16006
  outbound:
    enabled: true
    excludePorts: 3306,5432
    excludePortsForIPs: [10.9.0.1]
    excludePortsForUIDs: ["tcp:80:1000", "53"]
    includePorts: 443
    insertRedirectInsteadOfAppend: true
    port: 16001
  vnet: {networks: ["docker0:172.17.0.0/16"]}
retry: {maxRetries: 2, sleepBetweenRetries: 1s}
storeFirewalld: true
verbose: true
dryRun: true
wait: 7
waitInterval: 8
cniMode: false
ebpf: {enabled: false, instanceIP: ""}
)";

TEST(Document, HoldsEveryOption) {
  const Options options = read(kWhole);
  const RedirectSpec& spec = options.spec;
  EXPECT_EQ(options.user, "5678");
  EXPECT_FALSE(spec.comments);
  EXPECT_TRUE(spec.drop_invalid);
  EXPECT_FALSE(spec.ipv6);
  EXPECT_EQ(spec.log_level, 4);
  EXPECT_TRUE(spec.dns.enabled);
  EXPECT_TRUE(spec.dns.all_traffic);
  EXPECT_FALSE(spec.dns.split_zones);
  EXPECT_EQ(spec.dns.port, 16053);
  EXPECT_EQ(options.resolv_conf, "/x");
  EXPECT_FALSE(spec.inbound.enabled);
  EXPECT_EQ(spec.inbound.port, 16006);
  EXPECT_TRUE(spec.inbound.insert_first);
  EXPECT_THAT(spec.inbound.exclude_ports, ElementsAre(22, 23));
  EXPECT_EQ(spec.inbound.exclude_networks.size(), 2U);
  EXPECT_EQ(spec.outbound.port, 16001);
  EXPECT_THAT(spec.outbound.exclude_ports, ElementsAre(3306, 5432));
  EXPECT_THAT(spec.outbound.include_ports, ElementsAre(443));
  EXPECT_EQ(spec.outbound.exclude_uids.size(), 2U);
  EXPECT_EQ(spec.virtual_networks.size(), 1U);
  EXPECT_EQ(options.max_retries, 2U);
  EXPECT_EQ(options.sleep_between_retries, std::chrono::seconds(1));
  EXPECT_EQ(options.lock_wait_seconds, 7U);
  EXPECT_EQ(options.lock_wait_interval_us, 8U);
  EXPECT_TRUE(options.store_firewalld);
  EXPECT_TRUE(options.verbose);
  EXPECT_TRUE(options.dry_run);
  EXPECT_EQ(options.executables.at("iptables-restore"), "/b");
  EXPECT_TRUE(check(options).has_value());
}

TEST(Document, MayBeJson) {
  EXPECT_EQ(read(R"({"redirect": {"dns": {"port": 5353}}})").spec.dns.port, 5353);
}

TEST(Document, ReplacesListsAndMergesObjects) {
  Options options = read("redirect: {inbound: {excludePorts: [22], port: 1}}");
  ASSERT_TRUE(apply_document(options, "redirect: {inbound: {excludePorts: [80, 81]}}", "b").has_value());
  EXPECT_THAT(options.spec.inbound.exclude_ports, ElementsAre(80, 81));
  EXPECT_EQ(options.spec.inbound.port, 1);
  ASSERT_TRUE(apply_document(options, "redirect: {inbound: {excludePorts: []}}", "c").has_value());
  EXPECT_THAT(options.spec.inbound.exclude_ports, IsEmpty());
}

TEST(Document, OfNothingChangesNothing) {
  for (const char* text : {"", "---\n", "# nothing\n", "redirect:\n", "null"}) {
    EXPECT_TRUE(read(text).spec.inbound.enabled) << text;
  }
}

TEST(Document, SaysWhereItIsWrong) {
  EXPECT_EQ(fault("redirect:\n  dns: {port: 99999}\n"),
            "c.yaml:2:9: redirect.dns.port: '99999' is not a port, expected 1 to 65535");
  EXPECT_EQ(fault("redirect:\n  dsn: {}\n"), "c.yaml:2:3: unknown key 'redirect.dsn'");
  EXPECT_EQ(fault("- a\n"), "c.yaml:1:1: the document is not an object");
  EXPECT_EQ(fault("verbose: {a: b}\n"), "c.yaml:1:10: verbose is an object, expected a value or a list");
  EXPECT_THAT(fault("a: [\n"), HasSubstr("c.yaml:"));
  EXPECT_THAT(fault("redirect: {outbound: {excludePortsForUIDs: ['x']}}"),
              HasSubstr("parsing excluded outbound ports for uids failed: values or range 'x'"));
}

TEST(Environment, IsNamedAfterTheDocument) {
  EXPECT_EQ(environment_name("redirect.dns.captureAll"), "KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_CAPTURE_ALL");
  EXPECT_EQ(environment_name("kumaDPUser"), "KUMA_TRANSPARENT_PROXY_KUMA_DP_USER");
  EXPECT_EQ(environment_name("ipFamilyMode"), "KUMA_TRANSPARENT_PROXY_IP_FAMILY_MODE");
  EXPECT_EQ(environment_name("redirect.outbound.excludePortsForUIDs"),
            "KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS");
  EXPECT_EQ(environment_name("redirect.inbound.excludePortsForIPs"),
            "KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_IPS");
  EXPECT_EQ(environment_name("ebpf.instanceIPEnvVarName"),
            "KUMA_TRANSPARENT_PROXY_EBPF_INSTANCE_IP_ENV_VAR_NAME");
  EXPECT_EQ(environment_name("redirect.vnet.networks"), "KUMA_TRANSPARENT_PROXY_REDIRECT_VNET_NETWORKS");
}

TEST(Environment, OverridesDocuments) {
  Options options = read("redirect: {dns: {port: 1111, captureAll: false}, inbound: {excludePorts: [22]}}");
  ASSERT_TRUE(
      environment(options, {{"KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_PORT", "2222"},
                            {"KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_CAPTURE_ALL", "true"},
                            {"KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_EXCLUDE_PORTS", "80,81"},
                            {"KUMA_TRANSPARENT_PROXY_REDIRECT_VNET_NETWORKS", "a:10.0.0.0/8,b:11.0.0.0/8"},
                            {"KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS",
                             "tcp:80,443:7;udp:53:8"},
                            {"KUMA_TRANSPARENT_PROXY_KUMA_DP_USER", ""}})
          .has_value());
  EXPECT_EQ(options.spec.dns.port, 2222);
  EXPECT_TRUE(options.spec.dns.all_traffic);
  EXPECT_THAT(options.spec.inbound.exclude_ports, ElementsAre(80, 81));
  EXPECT_EQ(options.spec.virtual_networks.size(), 2U);
  EXPECT_EQ(options.spec.outbound.exclude_uids.size(), 2U);
}

TEST(Environment, NamesTheVariableThatIsWrong) {
  Options options;
  EXPECT_EQ(environment(options, {{"KUMA_TRANSPARENT_PROXY_WAIT", "x"}}).error().what,
            "KUMA_TRANSPARENT_PROXY_WAIT: 'x' is not a whole number");
}

}  // namespace
}  // namespace meshdns::redirect
