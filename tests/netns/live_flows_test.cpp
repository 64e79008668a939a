// Installing and uninstalling through iptables while sockets are in use. (With nftables: redirect_test.)
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netns/install_on.hpp"

namespace meshdns::testing {
namespace {

constexpr const char* kMeshdns = "1.1.1.1";
constexpr const char* kElsewhere = "9.9.9.9";

class LiveFlows : public InstallOn {
 protected:
  void SetUp() override {
    InstallOn::SetUp();
    if (IsSkipped()) {
      return;
    }
    elsewhere_ = std::make_unique<TaggedServer>(
        TaggedServer::Options{.tag = kElsewhere, .listen = {"10.77.0.2", "fd77::2"}, .prepare = [this] {
                                return network().go_elsewhere();
                              }});
    local_ = std::make_unique<TaggedServer>(
        TaggedServer::Options{.tag = "5.5.5.5", .listen = {"127.0.0.53", "::1"}, .prepare = {}});
    meshdns_ = std::make_unique<TaggedServer>(
        TaggedServer::Options{.tag = kMeshdns, .listen = {"127.0.0.1", "::1"}, .port = 15053, .prepare = [] {
                                return become(kKumaDp);
                              }});
  }

  // Another user of NAT keeps conntrack awake, so that it knows the connections from before.
  static void keep_conntrack_awake() {
    nft("table inet others { chain out { type nat hook output priority 0; policy accept; ct state new "
        "counter; }\n}\n");
  }

  // DNS alone: what is open to Envoy's ports has no say here.
  std::vector<std::string> servers() const {
    return {
        "--redirect-inbound=false",
        "--redirect-outbound=false",
        "--redirect-all-dns-traffic=false",
        "--redirect-dns",
        "--resolv-conf",
        folder().file("live.conf",
                      "nameserver 10.77.0.2\nnameserver fd77::2\nnameserver 127.0.0.53\nnameserver ::1\n")};
  }

 private:
  std::unique_ptr<TaggedServer> elsewhere_;
  std::unique_ptr<TaggedServer> local_;
  std::unique_ptr<TaggedServer> meshdns_;
};

TEST_P(LiveFlows, OfAUdpSocketAreSteeredFromTheNextPacketOn) {
  keep_conntrack_awake();
  int socket = 0;
  for (const std::vector<std::string>& flags : {servers(), {}}) {
    for (const char* server : {"10.77.0.2", "fd77::2", "127.0.0.53", "::1"}) {
      for (const bool connected : {true, false}) {
        SCOPED_TRACE(::testing::Message()
                     << server << (connected ? ", connected" : "") << ", flags " << flags.size());
        const Question question{.server = server, .connected = connected, .keep = ++socket};
        const Outcome direct = app().ask(question);
        EXPECT_NE(direct.answer, kMeshdns);
        install_all(flags);
        EXPECT_EQ(app().ask(question), (Outcome{kMeshdns, std::string(server) + " 53"}));
        install_all(flags);
        EXPECT_EQ(app().ask(question), (Outcome{kMeshdns, std::string(server) + " 53"}));
        EXPECT_EQ(kuma_dp().ask({.server = server}).answer, direct.answer);
        EXPECT_EQ(uninstall().exit_code, 0);
        EXPECT_EQ(app().ask(question), direct);
      }
    }
  }
}

TEST_P(LiveFlows, OfTcpStayWhereTheyAreIfConntrackKnowsThem) {
  keep_conntrack_awake();
  for (const char* server : {"10.77.0.2", "fd77::2"}) {
    SCOPED_TRACE(server);
    const int family = server[0] == 'f' ? 10 : 0;
    const Question old_one{.server = server, .tcp = true, .keep = family + 1};
    const Question new_one{.server = server, .tcp = true, .keep = family + 2};
    EXPECT_EQ(app().ask(old_one).answer, kElsewhere);
    install_all(servers());
    EXPECT_EQ(app().ask(old_one).answer, kElsewhere);
    EXPECT_EQ(app().ask(new_one).answer, kMeshdns);
    install_all(servers());
    EXPECT_EQ(app().ask(old_one).answer, kElsewhere);
    EXPECT_EQ(app().ask(new_one).answer, kMeshdns);
    EXPECT_EQ(uninstall().exit_code, 0);
    EXPECT_EQ(app().ask(old_one).answer, kElsewhere);
    EXPECT_EQ(app().ask(new_one).answer, kMeshdns) << "NAT of a connection outlives the rule";
    EXPECT_EQ(app().ask({.server = server, .tcp = true}).answer, kElsewhere);
  }
}

// As with Kuma: the next packet is taken for the first one of a connection. The application is told at once.
TEST_P(LiveFlows, OfTcpAreResetIfConntrackDoesNotKnowThem) {
  const Question old_one{.server = "10.77.0.2", .tcp = true, .keep = 1};
  EXPECT_EQ(app().ask(old_one).answer, kElsewhere);
  install_all(servers());
  EXPECT_EQ(app().ask(old_one).answer, "error Connection reset by peer");
  EXPECT_EQ(app().ask({.server = "10.77.0.2", .tcp = true}).answer, kMeshdns);
}

INSTANTIATE_TEST_SUITE_P(Backends, LiveFlows, ::testing::ValuesIn(iptables_backends()), name_of_backend);

}  // namespace
}  // namespace meshdns::testing
