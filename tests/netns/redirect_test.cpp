// Whose queries reach meshdns once the redirect is installed, and whose do not. Real processes under three
// users ask real servers; the address in an answer says which server gave it.
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kMeshdns = "1.1.1.1";
constexpr const char* kElsewhere = "9.9.9.9";
constexpr const char* kLocalCache = "5.5.5.5";
constexpr const char* kDocker = "4.4.4.4";

constexpr std::uint16_t kMeshdnsPort = 15053;
constexpr std::uint16_t kDockerPort = 41053;

struct Destination {
  std::string server;
  std::string direct;  // who answers there when nothing is redirected
};

const std::vector<Destination> kResolvers = {
    {"10.77.0.2", kElsewhere}, {"fd77::2", kElsewhere}, {"127.0.0.53", kLocalCache},
    {"::1", kLocalCache},      {"127.0.0.11", kDocker},
};

std::vector<std::string> resolver_addresses() {
  std::vector<std::string> addresses;
  addresses.reserve(kResolvers.size());
  for (const Destination& resolver : kResolvers) {
    addresses.push_back(resolver.server);
  }
  return addresses;
}

class Redirect : public RedirectFixture {
 protected:
  void SetUp() override {
    RedirectFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    elsewhere_ = std::make_unique<TaggedServer>(TaggedServer::Options{
        .tag = kElsewhere, .listen = {"10.77.0.2", "10.77.0.3", "fd77::2", "fd77::3"}, .prepare = [this] {
          return network().go_elsewhere();
        }});
    local_cache_ = std::make_unique<TaggedServer>(
        TaggedServer::Options{.tag = kLocalCache, .listen = {"127.0.0.53", "::1"}, .prepare = {}});
    docker_ = std::make_unique<TaggedServer>(
        TaggedServer::Options{.tag = kDocker, .listen = {"127.0.0.11"}, .port = kDockerPort, .prepare = {}});
    meshdns_ = std::make_unique<TaggedServer>(TaggedServer::Options{
        .tag = kMeshdns, .listen = {"127.0.0.1", "::1"}, .port = kMeshdnsPort, .prepare = [] {
          return become(kKumaDp);
        }});
  }

  // What the Docker engine puts into a container's namespace.
  static void install_docker_rules() {
    nft(
        fmt::format("table ip docker {{\n"
                    "chain out {{ type nat hook output priority -100; policy accept;\n"
                    "  ip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:{0}\n"
                    "  ip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:{0}\n"
                    "}}\n"
                    "chain back {{ type nat hook postrouting priority 100; policy accept;\n"
                    "  ip saddr 127.0.0.11 udp sport {0} snat to :53\n"
                    "  ip saddr 127.0.0.11 tcp sport {0} snat to :53\n"
                    "}}\n}}\n",
                    kDockerPort));
  }

  void expect_all_but_kuma_dp_are_served_by_meshdns() {
    for (const Destination& resolver : kResolvers) {
      for (const bool tcp : {false, true}) {
        SCOPED_TRACE(resolver.server + (tcp ? " over TCP" : " over UDP"));
        const Question question{.server = resolver.server, .tcp = tcp};
        const std::string from = resolver.server + " 53";
        EXPECT_EQ(app().ask(question), (Outcome{kMeshdns, from}));
        EXPECT_EQ(root().ask(question), (Outcome{kMeshdns, from}));
        EXPECT_EQ(kuma_dp().ask(question), (Outcome{resolver.direct, from}));
      }
    }
  }

  void stop_meshdns() { meshdns_.reset(); }

 private:
  std::unique_ptr<TaggedServer> elsewhere_;
  std::unique_ptr<TaggedServer> local_cache_;
  std::unique_ptr<TaggedServer> docker_;
  std::unique_ptr<TaggedServer> meshdns_;
};

TEST_F(Redirect, OfResolversServesEveryUserButTheExemptOne) {
  install_docker_rules();
  install(resolver_addresses());
  expect_all_but_kuma_dp_are_served_by_meshdns();
}

TEST_F(Redirect, OfAllDnsTrafficServesEveryUserButTheExemptOne) {
  install_docker_rules();
  install({}, {"--redirect-all-dns-traffic"});
  expect_all_but_kuma_dp_are_served_by_meshdns();
}

TEST_F(Redirect, WinsOverDockerRulesThatComeLater) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{}, {"--redirect-all-dns-traffic"}}) {
    install(resolver_addresses(), flags);
    install_docker_rules();
    expect_all_but_kuma_dp_are_served_by_meshdns();
    nft("delete table ip docker");
  }
}

TEST_F(Redirect, OfAllDnsTrafficNeedsNoServerAtTheDestination) {
  install({}, {"--redirect-all-dns-traffic"});
  for (const char* nowhere : {"192.0.2.9", "2001:db8::9"}) {
    for (const bool tcp : {false, true}) {
      EXPECT_EQ(app().ask({.server = nowhere, .tcp = tcp}),
                (Outcome{kMeshdns, std::string(nowhere) + " 53"}));
    }
  }
}

TEST_F(Redirect, OfResolversLeavesOtherDestinationsAlone) {
  const TaggedServer other_port({.tag = "7.7.7.7", .listen = {"10.77.0.2"}, .port = 5300, .prepare = [this] {
                                   return network().go_elsewhere();
                                 }});
  install({"10.77.0.2", "fd77::2"});
  for (const bool tcp : {false, true}) {
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = tcp}).answer, kMeshdns);
    EXPECT_EQ(app().ask({.server = "10.77.0.3", .tcp = tcp}).answer, kElsewhere);
    EXPECT_EQ(app().ask({.server = "fd77::3", .tcp = tcp}).answer, kElsewhere);
    EXPECT_EQ(app().ask({.server = "127.0.0.53", .tcp = tcp}).answer, kLocalCache);
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .port = 5300, .tcp = tcp}).answer, "7.7.7.7");
  }
}

TEST_F(Redirect, OfIpv4LeavesIpv6Alone) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{}, {"--redirect-all-dns-traffic"}}) {
    std::vector<std::string> ipv4_flags = flags;
    ipv4_flags.insert(ipv4_flags.end(), {"--ip-family-mode", "ipv4"});
    install(resolver_addresses(), ipv4_flags);
    for (const bool tcp : {false, true}) {
      EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = tcp}).answer, kMeshdns);
      EXPECT_EQ(app().ask({.server = "fd77::2", .tcp = tcp}).answer, kElsewhere);
      EXPECT_EQ(app().ask({.server = "::1", .tcp = tcp}).answer, kLocalCache);
    }
  }
}

TEST_F(Redirect, GivesAnUnconnectedSocketEachReplyFromTheServerItAsked) {
  install({}, {"--redirect-all-dns-traffic"});
  for (int round = 0; round < 2; ++round) {
    for (const char* server : {"10.77.0.2", "10.77.0.3", "127.0.0.53", "127.0.0.11", "192.0.2.9"}) {
      EXPECT_EQ(app().ask({.server = server, .connected = false, .keep = 4}),
                (Outcome{kMeshdns, std::string(server) + " 53"}));
    }
    for (const char* server : {"fd77::2", "fd77::3", "::1", "2001:db8::9"}) {
      EXPECT_EQ(app().ask({.server = server, .connected = false, .keep = 6}),
                (Outcome{kMeshdns, std::string(server) + " 53"}));
    }
  }
}

TEST_F(Redirect, AnswersClientsThatAskFromPort53) {
  install(resolver_addresses());
  for (const char* server : {"10.77.0.2", "fd77::2"}) {
    EXPECT_EQ(root().ask({.server = server, .source_port = 53}),
              (Outcome{kMeshdns, std::string(server) + " 53"}));
  }
}

// Conntrack remembers a UDP "connection" for half a minute, and another user's packets may have its very
// addresses.
TEST_F(Redirect, TellsUsersApartThatUseTheSameSourcePort) {
  install_docker_rules();
  install(resolver_addresses());
  std::uint16_t port = 40'000;
  for (const Destination& resolver : kResolvers) {
    for (const bool tcp : {false, true}) {
      SCOPED_TRACE(resolver.server + (tcp ? " over TCP" : " over UDP"));
      Question question{.server = resolver.server, .tcp = tcp, .source_port = ++port, .reset = true};
      EXPECT_EQ(app().ask(question).answer, kMeshdns);
      EXPECT_EQ(kuma_dp().ask(question).answer, resolver.direct);
      EXPECT_EQ(app().ask(question).answer, kMeshdns);
      question.source_port = ++port;
      EXPECT_EQ(kuma_dp().ask(question).answer, resolver.direct);
      EXPECT_EQ(app().ask(question).answer, kMeshdns);
      EXPECT_EQ(kuma_dp().ask(question).answer, resolver.direct);
    }
  }
}

// Connections of this host with a local end at `port`, listeners left out.
std::size_t open_connections(std::uint16_t port) {
  constexpr const char* kListening = "0A";
  std::size_t count = 0;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string number;
      std::string local;
      std::string remote;
      std::string state;
      words >> number >> local >> remote >> state;
      count += local.ends_with(fmt::format(":{:04X}", port)) && state != kListening ? 1 : 0;
    }
  }
  return count;
}

// The owner of the last packets of a connection is unknown to the kernel: its socket is closed already. They
// must take the way of the ones before, or meshdns waits for them and a stranger gets them.
TEST_F(Redirect, CarriesTcpConnectionsToTheirVeryEnd) {
  install(resolver_addresses());
  watch_cable();
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true}).answer, kMeshdns);
    EXPECT_EQ(app().ask({.server = "fd77::2", .tcp = true}).answer, kMeshdns);
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (open_connections(kMeshdnsPort) > 0 && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_EQ(open_connections(kMeshdnsPort), 0U);
  EXPECT_EQ(packets_of_anybody(), 0U);
}

TEST_F(Redirect, LetsNoPacketOfOtherUsersLeaveTheHost) {
  install(resolver_addresses());
  watch_cable();
  app().ask({.server = "10.77.0.2"});
  app().ask({.server = "fd77::2"});
  EXPECT_EQ(packets_of_anybody(), 0U);
  kuma_dp().ask({.server = "10.77.0.2"});
  kuma_dp().ask({.server = "fd77::2"});
  EXPECT_EQ(packets_of_anybody(), 2U);
  EXPECT_EQ(packets_of(kKumaDp), 2U);
}

TEST_F(Redirect, RefusesWhileMeshdnsIsDown) {
  install(resolver_addresses());
  stop_meshdns();
  for (const Destination& resolver : kResolvers) {
    for (const bool tcp : {false, true}) {
      EXPECT_EQ(app().ask({.server = resolver.server, .tcp = tcp}).answer, "refused") << resolver.server;
    }
  }
}

TEST_F(Redirect, CountsWhatItCaptured) {
  install({"10.77.0.2", "fd77::2"});
  const auto listing = [] { return run_program({"nft", "list", "table", "inet", "meshdns"}).out; };
  const std::string before = listing();
  for (const char* rule : {"IPv4 udp: to meshdns", "IPv4 tcp: to meshdns", "IPv6 udp: to meshdns",
                           "IPv6 tcp: to meshdns", "IPv4 udp: own conntrack zone"}) {
    EXPECT_EQ(packets_counted(before, rule), 0U) << rule;
  }
  app().ask({.server = "10.77.0.2", .keep = 1});
  app().ask({.server = "10.77.0.2", .keep = 1});
  app().ask({.server = "10.77.0.2", .tcp = true});
  app().ask({.server = "fd77::2"});
  kuma_dp().ask({.server = "10.77.0.2"});
  const std::string after = listing();
  EXPECT_EQ(packets_counted(after, "IPv4 udp: own conntrack zone"), 2U) << "counts packets";
  EXPECT_EQ(packets_counted(after, "IPv4 udp: to meshdns"), 1U) << "counts sockets";
  EXPECT_EQ(packets_counted(after, "IPv4 tcp: to meshdns"), 1U);
  EXPECT_EQ(packets_counted(after, "IPv6 udp: to meshdns"), 1U);
  EXPECT_EQ(packets_counted(after, "IPv6 tcp: to meshdns"), 0U);
}

// Another user of NAT keeps conntrack awake, so that it knows the connections from before.
void keep_conntrack_awake() {
  nft("table inet others { chain out { type nat hook output priority 0; policy accept; }\n}\n");
}

TEST_F(Redirect, TakesEffectOnTheNextPacketOfALiveUdpSocket) {
  keep_conntrack_awake();
  int socket = 0;
  for (const char* server : {"10.77.0.2", "fd77::2", "127.0.0.53", "::1"}) {
    SCOPED_TRACE(server);
    const Question question{.server = server, .keep = ++socket};
    const Outcome direct = app().ask(question);
    EXPECT_NE(direct.answer, kMeshdns);
    install(resolver_addresses());
    EXPECT_EQ(app().ask(question), (Outcome{kMeshdns, std::string(server) + " 53"}));
    EXPECT_EQ(redirect({"uninstall"}).exit_code, 0);
    EXPECT_EQ(app().ask(question), direct);
  }
}

TEST_F(Redirect, LeavesLiveTcpConnectionsWhereTheyAre) {
  for (const bool awake : {false, true}) {
    if (awake) {
      keep_conntrack_awake();
    }
    const int old_connection = awake ? 1 : 2;
    const int new_connection = awake ? 3 : 4;
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true, .keep = old_connection}).answer, kElsewhere);
    install(resolver_addresses());
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true, .keep = old_connection}).answer, kElsewhere);
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true, .keep = new_connection}).answer, kMeshdns);
    install(resolver_addresses());
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true, .keep = new_connection}).answer, kMeshdns);
    EXPECT_EQ(redirect({"uninstall"}).exit_code, 0);
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true, .keep = old_connection}).answer, kElsewhere);
    EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true}).answer, kElsewhere);
  }
}

}  // namespace
}  // namespace meshdns::testing
