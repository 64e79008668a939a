// Whose TCP connections reach Envoy once the redirect is installed, and whose do not, for every backend. A
// stand-in for Envoy, applications here and elsewhere say who they are and where the caller wanted to go.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/netns/backends.hpp"
#include "tests/netns/caller.hpp"
#include "tests/netns/endpoint.hpp"
#include "tests/netns/greeter.hpp"
#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

using ::testing::HasSubstr;

class MeshTraffic : public RedirectFixture, public ::testing::WithParamInterface<Backend> {
 protected:
  void SetUp() override {
    RedirectFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    if (const auto reason = GetParam().unavailable()) {
      GTEST_SKIP() << *reason;
    }
    const auto elsewhere = [this] { return network().go_elsewhere(); };
    const auto as_kuma_dp = [] { return become(kKumaDp); };
    greeters_.push_back(std::make_unique<Greeter>(Greeter::Options{"outbound", 15001, as_kuma_dp}));
    greeters_.push_back(std::make_unique<Greeter>(Greeter::Options{"inbound", 15006, as_kuma_dp}));
    for (const std::uint16_t port : {std::uint16_t{8080}, std::uint16_t{8081}}) {
      greeters_.push_back(std::make_unique<Greeter>(Greeter::Options{"here", port, nullptr}));
      greeters_.push_back(std::make_unique<Greeter>(Greeter::Options{"elsewhere", port, elsewhere}));
    }
    app_caller_ = std::make_unique<Caller>(kApp);
    kuma_dp_caller_ = std::make_unique<Caller>(kKumaDp);
    visitor_ = std::make_unique<Caller>(kRoot, elsewhere);
  }

  void install_mesh(const std::vector<std::string>& more_flags = {}) {
    std::vector<std::string> arguments = {"install", "--kuma-dp-user", std::to_string(kKumaDp)};
    const std::vector<std::string> backend = GetParam().flags();
    arguments.insert(arguments.end(), backend.begin(), backend.end());
    arguments.insert(arguments.end(), more_flags.begin(), more_flags.end());
    const Finished installed = redirect(arguments);
    ASSERT_EQ(installed.exit_code, 0) << installed.err;
    EXPECT_EQ(installed.err, "");
  }

  std::string app(const std::string& address, std::uint16_t port = 8080) const {
    return app_caller_->hear({address, port, ""});
  }
  std::string kuma_dp(const std::string& address, const std::string& source = "") const {
    return kuma_dp_caller_->hear({address, 8080, source});
  }
  std::string visitor(const std::string& address, std::uint16_t port = 8080,
                      const std::string& source = "") const {
    return visitor_->hear({address, port, source});
  }

 private:
  std::vector<std::unique_ptr<Greeter>> greeters_;
  std::unique_ptr<Caller> app_caller_;
  std::unique_ptr<Caller> kuma_dp_caller_;
  std::unique_ptr<Caller> visitor_;
};

TEST_P(MeshTraffic, GoesToEnvoyInBothDirectionsAndFamilies) {
  EXPECT_EQ(app("10.77.0.2"), "elsewhere 10.77.0.2 8080");
  EXPECT_EQ(visitor("10.77.0.1"), "here 10.77.0.1 8080");
  install_mesh();
  EXPECT_EQ(app("10.77.0.2"), "outbound 10.77.0.2 8080");
  EXPECT_EQ(app("fd77::2"), "outbound fd77::2 8080");
  EXPECT_EQ(visitor("10.77.0.1"), "inbound 10.77.0.1 8080");
  EXPECT_EQ(visitor("fd77::1"), "inbound fd77::1 8080");
  EXPECT_EQ(app("192.0.2.9", 7), "outbound 192.0.2.9 7") << "virtual addresses lead nowhere else";
}

TEST_P(MeshTraffic, OfEnvoyItselfIsLeftAlone) {
  install_mesh();
  EXPECT_EQ(kuma_dp("10.77.0.2"), "elsewhere 10.77.0.2 8080");
  EXPECT_EQ(kuma_dp("fd77::2"), "elsewhere fd77::2 8080");
  EXPECT_EQ(kuma_dp("127.0.0.1"), "here 127.0.0.1 8080");
  EXPECT_EQ(kuma_dp("::1"), "here ::1 8080");
}

TEST_P(MeshTraffic, OfEnvoyToTheHostItselfIsInboundTrafficOnce) {
  install_mesh();
  EXPECT_EQ(kuma_dp("10.77.0.1"), "inbound 10.77.0.1 8080");
  EXPECT_EQ(kuma_dp("fd77::1"), "inbound fd77::1 8080");
  // What Envoy then hands on, from the addresses that say so.
  EXPECT_EQ(kuma_dp("10.77.0.1", "127.0.0.6"), "here 10.77.0.1 8080");
  EXPECT_EQ(kuma_dp("fd77::1", "::6"), "here fd77::1 8080");
}

TEST_P(MeshTraffic, OfApplicationsWithinTheHostIsLeftAlone) {
  install_mesh();
  for (const char* address : {"127.0.0.1", "127.0.0.5", "::1", "10.77.0.1", "fd77::1"}) {
    EXPECT_EQ(app(address), fmt::format("here {} 8080", address));
  }
}

TEST_P(MeshTraffic, InboundCanBeExcludedByPortAndSender) {
  install_mesh({"--exclude-inbound-ports", "8081,9090", "--exclude-inbound-ips", "10.77.0.3,fd77::3"});
  EXPECT_EQ(visitor("10.77.0.1", 8080), "inbound 10.77.0.1 8080");
  EXPECT_EQ(visitor("10.77.0.1", 8081), "here 10.77.0.1 8081");
  EXPECT_EQ(visitor("fd77::1", 8081), "here fd77::1 8081");
  EXPECT_EQ(visitor("10.77.0.1", 8080, "10.77.0.3"), "here 10.77.0.1 8080");
  EXPECT_EQ(visitor("fd77::1", 8080, "fd77::3"), "here fd77::1 8080");
}

TEST_P(MeshTraffic, OutboundCanBeExcludedByPortUserAndDestination) {
  install_mesh({"--exclude-outbound-ports", "8081", "--exclude-outbound-ips", "10.77.0.3",
                "--exclude-outbound-ips", "fd77::3/128"});
  EXPECT_EQ(app("10.77.0.2", 8080), "outbound 10.77.0.2 8080");
  EXPECT_EQ(app("10.77.0.2", 8081), "elsewhere 10.77.0.2 8081");
  EXPECT_EQ(app("fd77::2", 8081), "elsewhere fd77::2 8081");
  EXPECT_EQ(app("10.77.0.3"), "elsewhere 10.77.0.3 8080");
  EXPECT_EQ(app("fd77::3"), "elsewhere fd77::3 8080");
  install_mesh({"--exclude-outbound-ports-for-uids", "tcp:8000-8080:6000-6002"});
  EXPECT_EQ(app("10.77.0.2", 8080), "elsewhere 10.77.0.2 8080");
  EXPECT_EQ(app("fd77::2", 8080), "elsewhere fd77::2 8080");
  EXPECT_EQ(app("10.77.0.2", 8081), "outbound 10.77.0.2 8081");
}

TEST_P(MeshTraffic, CanBeLimitedToPorts) {
  install_mesh({"--config", "redirect: {inbound: {includePorts: [8081]}, outbound: {includePorts: '8081'}}"});
  EXPECT_EQ(app("10.77.0.2", 8080), "elsewhere 10.77.0.2 8080");
  EXPECT_EQ(app("10.77.0.2", 8081), "outbound 10.77.0.2 8081");
  EXPECT_EQ(visitor("10.77.0.1", 8080), "here 10.77.0.1 8080");
  EXPECT_EQ(visitor("fd77::1", 8081), "inbound fd77::1 8081");
}

TEST_P(MeshTraffic, OfAGatewayIsRedirectedOutboundOnly) {
  install_mesh({"--redirect-inbound=false"});
  EXPECT_EQ(visitor("10.77.0.1"), "here 10.77.0.1 8080");
  EXPECT_EQ(visitor("fd77::1"), "here fd77::1 8080");
  EXPECT_EQ(app("10.77.0.2"), "outbound 10.77.0.2 8080");
}

TEST_P(MeshTraffic, OverIpv6IsLeftAloneOnRequest) {
  install_mesh({"--ip-family-mode", "ipv4"});
  EXPECT_EQ(app("10.77.0.2"), "outbound 10.77.0.2 8080");
  EXPECT_EQ(app("fd77::2"), "elsewhere fd77::2 8080");
  EXPECT_EQ(visitor("fd77::1"), "here fd77::1 8080");
}

TEST_P(MeshTraffic, OfAHostWithIpv6OnlyIsRedirected) {
  run_script(fmt::format("ip -4 addr flush dev {}", kHostInterface));
  install_mesh();
  EXPECT_EQ(app("fd77::2"), "outbound fd77::2 8080");
  EXPECT_EQ(visitor("fd77::1"), "inbound fd77::1 8080");
}

TEST_P(MeshTraffic, DnsOfAHostWithIpv6OnlyGoesToMeshdns) {
  run_script(fmt::format("ip -4 addr flush dev {}", kHostInterface));
  const TaggedServer elsewhere(
      {.tag = "9.9.9.9", .listen = {"fd77::2"}, .prepare = [this] { return network().go_elsewhere(); }});
  const TaggedServer meshdns(
      {.tag = "1.1.1.1", .listen = {"::1"}, .port = 15053, .prepare = [] { return become(kKumaDp); }});
  const std::string resolv_conf = folder().file("six.conf", "nameserver fd77::2\n");
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--redirect-all-dns-traffic"},
                                                {"--redirect-dns", "--resolv-conf", resolv_conf}}) {
    std::vector<std::string> words = {"install", "--kuma-dp-user", std::to_string(kKumaDp)};
    for (const std::vector<std::string>& more : {GetParam().flags(), flags}) {
      words.insert(words.end(), more.begin(), more.end());
    }
    ASSERT_EQ(redirect(words).exit_code, 0);
    for (const bool tcp : {false, true}) {
      EXPECT_EQ(RedirectFixture::app().ask({.server = "fd77::2", .tcp = tcp}),
                (Outcome{"1.1.1.1", "fd77::2 53"}));
      EXPECT_EQ(RedirectFixture::kuma_dp().ask({.server = "fd77::2", .tcp = tcp}).answer, "9.9.9.9");
    }
  }
}

TEST_P(MeshTraffic, OfAVirtualNetworkGoesToEnvoyUnlessItStaysThere) {
  // The cable stands for the network of containers behind this host, which is their router.
  run_script("sysctl -qw net.ipv4.ip_forward=1");
  install_mesh({"--vnet", "host+:10.77.0.0/24", "--redirect-inbound=false"});
  EXPECT_EQ(run_program({"ip", "route", "add", "198.51.100.0/24", "via", "10.77.0.1"},
                        [this] { return network().go_elsewhere(); })
                .exit_code,
            0);
  EXPECT_EQ(visitor("198.51.100.7", 9), "outbound 198.51.100.7 9");
  EXPECT_EQ(visitor("10.77.0.1"), "here 10.77.0.1 8080");
}

TEST_P(MeshTraffic, OfPacketsThatAreInvalidIsDroppedOnRequest) {
  install_mesh({"--drop-invalid-packets"});
  const Finished sent = run_program({"true"}, [this] {
    // A TCP header without a checksum.
    tcphdr header{};
    header.source = htons(1);
    header.dest = htons(8080);
    header.doff = 5;
    header.ack = 1;
    const Endpoint host("10.77.0.1", 0);
    return network().go_elsewhere() && sendto(socket(AF_INET, SOCK_RAW, IPPROTO_TCP), &header, sizeof header,
                                              0, host.address(), host.size()) > 0;
  });
  ASSERT_EQ(sent.exit_code, 0);
  if (GetParam().is_iptables()) {
    EXPECT_THAT(run_program({"iptables-" + GetParam().suffix + "-save", "-c", "-t", "mangle"}).out,
                HasSubstr("[1:40] -A PREROUTING"));
  } else {
    EXPECT_EQ(packets_counted(run_program({"nft", "list", "table", "inet", "meshdns"}).out,
                              "invalid packets would pass by the redirect"),
              1U);
  }
}

TEST_P(MeshTraffic, IsAsItWasAfterUninstall) {
  install_mesh({"--redirect-all-dns-traffic"});
  std::vector<std::string> uninstall = {"uninstall"};
  const std::vector<std::string> programs = GetParam().program_flags();
  uninstall.insert(uninstall.end(), programs.begin(), programs.end());
  ASSERT_EQ(redirect(uninstall).exit_code, 0);
  EXPECT_EQ(app("10.77.0.2"), "elsewhere 10.77.0.2 8080");
  EXPECT_EQ(visitor("fd77::1"), "here fd77::1 8080");
  EXPECT_EQ(kuma_dp("fd77::1", "::6"), "error Cannot assign requested address")
      << "::6 is taken from lo again";
}

TEST_P(MeshTraffic, DnsOfEveryUserButTheSparedOneGoesToMeshdns) {
  const TaggedServer elsewhere({.tag = "9.9.9.9", .listen = {"10.77.0.2", "fd77::2"}, .prepare = [this] {
                                  return network().go_elsewhere();
                                }});
  const TaggedServer local({.tag = "5.5.5.5", .listen = {"127.0.0.53"}, .prepare = {}});
  const TaggedServer meshdns({.tag = "1.1.1.1", .listen = {"127.0.0.1", "::1"}, .port = 15053, .prepare = [] {
                                return become(kKumaDp);
                              }});
  const std::string resolv_conf =
      folder().file("three.conf", "nameserver 10.77.0.2\nnameserver fd77::2\nnameserver 127.0.0.53\n");
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--redirect-dns", "--resolv-conf", resolv_conf},
        {"--redirect-all-dns-traffic"}}) {
    install_mesh(flags);
    for (const auto& [server, direct] :
         {std::pair{"10.77.0.2", "9.9.9.9"}, {"fd77::2", "9.9.9.9"}, {"127.0.0.53", "5.5.5.5"}}) {
      for (const bool tcp : {false, true}) {
        SCOPED_TRACE(fmt::format("{} over {}, {}", server, tcp ? "TCP" : "UDP", flags[0]));
        const std::string from = std::string(server) + " 53";
        EXPECT_EQ(RedirectFixture::app().ask({.server = server, .tcp = tcp}), (Outcome{"1.1.1.1", from}));
        EXPECT_EQ(RedirectFixture::kuma_dp().ask({.server = server, .tcp = tcp}), (Outcome{direct, from}));
      }
    }
  }
  install_mesh({"--redirect-all-dns-traffic", "--redirect-tcp-dns=false"});
  EXPECT_EQ(RedirectFixture::app().ask({.server = "10.77.0.2", .tcp = false}).answer, "1.1.1.1");
  EXPECT_EQ(RedirectFixture::app().ask({.server = "10.77.0.2", .tcp = true}).answer, "9.9.9.9");
  install_mesh({"--redirect-all-dns-traffic", "--exclude-outbound-ips", "10.77.0.2"});
  EXPECT_EQ(RedirectFixture::app().ask({.server = "10.77.0.2", .tcp = false}).answer, "9.9.9.9");
}

INSTANTIATE_TEST_SUITE_P(Of, MeshTraffic, ::testing::ValuesIn(all_backends()), name_of_backend);

}  // namespace
}  // namespace meshdns::testing
