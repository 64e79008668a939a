// --vnet with what it is for: a bridge of this host, and two containers behind it.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "tests/netns/caller.hpp"
#include "tests/netns/greeter.hpp"
#include "tests/netns/install_on.hpp"

namespace meshdns::testing {
namespace {

// A network namespace of its own, with one leg on the host's bridge.
class Container {
 public:
  explicit Container(int number) {
    process_ = std::make_unique<ChildProcess>([](const ChildProcess::Ready& ready) {
      if (unshare(CLONE_NEWNET) == 0) {
        ready();
        pause();
      }
    });
    run_script(
        fmt::format("ip link add leg{0} type veth peer name eth0 netns {1}\n"
                    "ip link set leg{0} master mesh0 up\n",
                    number, process_->pid()));
    const Finished configured = run_program(
        {"sh", "-ec",
         fmt::format("ip link set lo up\nip link set eth0 up\n"
                     "ip addr add 172.18.0.{0}/16 dev eth0\nip addr add fd18::{0}/64 dev eth0 nodad\n"
                     "ip route add default via 172.18.0.1\nip -6 route add default via fd18::1\n",
                     number)},
        [this] { return enter(); });
    EXPECT_EQ(configured.exit_code, 0) << configured.err;
  }

  bool enter() const {
    const int fd = open(fmt::format("/proc/{}/ns/net", process_->pid()).c_str(), O_RDONLY | O_CLOEXEC);
    const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
    close(fd);
    return entered;
  }

 private:
  std::unique_ptr<ChildProcess> process_;
};

class VirtualNetwork : public InstallOn {
 protected:
  void SetUp() override {
    InstallOn::SetUp();
    if (IsSkipped()) {
      return;
    }
    run_script(
        "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1\n"
        "ip link add mesh0 type bridge\nip link set mesh0 up\n"
        "ip addr add 172.18.0.1/16 dev mesh0\nip addr add fd18::1/64 dev mesh0 nodad\n");
    one_ = std::make_unique<Container>(2);
    two_ = std::make_unique<Container>(3);
    const auto as_kuma_dp = [] { return become(kKumaDp); };
    greeters_.push_back(std::make_unique<Greeter>(Greeter::Options{"outbound", 15001, as_kuma_dp}));
    greeters_.push_back(std::make_unique<Greeter>(Greeter::Options{"inbound", 15006, as_kuma_dp}));
    greeters_.push_back(
        std::make_unique<Greeter>(Greeter::Options{"neighbour", 8080, [this] { return two_->enter(); }}));
    greeters_.push_back(std::make_unique<Greeter>(
        Greeter::Options{"elsewhere", 8080, [this] { return network().go_elsewhere(); }}));
    run_elsewhere("ip route add 172.18.0.0/16 via 10.77.0.1; ip -6 route add fd18::/64 via fd77::1");
    for (const auto& [tag, address] : {std::pair{"1.1.1.1", "172.18.0.1"}, {"1.1.1.2", "fd18::1"}}) {
      servers_.push_back(std::make_unique<TaggedServer>(
          TaggedServer::Options{.tag = tag, .listen = {address}, .port = 15053, .prepare = as_kuma_dp}));
    }
    servers_.push_back(std::make_unique<TaggedServer>(
        TaggedServer::Options{.tag = "9.9.9.9", .listen = {"10.77.0.2", "fd77::2"}, .prepare = [this] {
                                return network().go_elsewhere();
                              }}));
    caller_ = std::make_unique<Caller>(kRoot, [this] { return one_->enter(); });
  }

  void run_elsewhere(const std::string& script) const {
    const Finished run = run_program({"sh", "-ec", script}, [this] { return network().go_elsewhere(); });
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }

  // As the module br_netfilter can do; Docker switches it on.
  static void pass_bridged_packets_to_netfilter(bool on) {
    for (const char* family : {"iptables", "ip6tables"}) {
      std::ofstream(fmt::format("/proc/sys/net/bridge/bridge-nf-call-{}", family)) << (on ? "1" : "0");
    }
  }

  // What a container is told when it asks `server`.
  std::string ask(const std::string& server) const {
    const Finished run =
        run_program({"dig", "+short", "+tries=1", "+time=5", "@" + server, "who.example", "A"},
                    [this] { return one_->enter(); });
    return run.out;
  }
  std::string call(const std::string& address) const { return caller_->hear({address, 8080, ""}); }

 private:
  std::unique_ptr<Container> one_;
  std::unique_ptr<Container> two_;
  std::vector<std::unique_ptr<Greeter>> greeters_;
  std::vector<std::unique_ptr<TaggedServer>> servers_;
  std::unique_ptr<Caller> caller_;
};

TEST_P(VirtualNetwork, TakesPartInTheMeshAndTalksWithinItselfFreely) {
  EXPECT_EQ(ask("10.77.0.2"), "9.9.9.9\n");
  EXPECT_EQ(ask("fd77::2"), "9.9.9.9\n");
  EXPECT_EQ(call("10.77.0.2"), "elsewhere 10.77.0.2 8080");
  install_all({"--vnet", "mesh+:172.18.0.0/16", "--vnet", "mesh+:fd18::/64"});
  EXPECT_EQ(ask("10.77.0.2"), "1.1.1.1\n");
  EXPECT_EQ(ask("fd77::2"), "1.1.1.2\n");
  EXPECT_EQ(ask("192.0.2.53"), "1.1.1.1\n") << "a server that does not exist";
  EXPECT_EQ(ask("172.18.0.1"), "1.1.1.1\n")
      << "the bridge itself, as Docker's containers have it in resolv.conf";
  EXPECT_EQ(call("10.77.0.2"), "outbound 10.77.0.2 8080");
  EXPECT_EQ(call("fd77::2"), "outbound fd77::2 8080");
  EXPECT_EQ(call("172.18.0.1"), "inbound 172.18.0.1 8080");
  pass_bridged_packets_to_netfilter(false);
  EXPECT_EQ(call("172.18.0.3"), "neighbour 172.18.0.3 8080");
  EXPECT_EQ(call("fd18::3"), "neighbour fd18::3 8080");
  ASSERT_EQ(uninstall().exit_code, 0);
  EXPECT_EQ(call("10.77.0.2"), "elsewhere 10.77.0.2 8080");
  EXPECT_EQ(ask("fd77::2"), "9.9.9.9\n");
}

// As with Kuma: whatever connection passes by is one that comes in.
TEST_P(VirtualNetwork, IsInboundTrafficWhereBridgedPacketsPassNetfilter) {
  if (!std::filesystem::exists("/proc/sys/net/bridge")) {
    GTEST_SKIP() << "needs the module br_netfilter";
  }
  pass_bridged_packets_to_netfilter(true);
  install_all({"--vnet", "mesh+:172.18.0.0/16"});
  EXPECT_EQ(call("172.18.0.3"), "inbound 172.18.0.3 8080");
  install_all({"--vnet", "mesh+:172.18.0.0/16", "--redirect-inbound=false"});
  EXPECT_EQ(call("172.18.0.3"), "neighbour 172.18.0.3 8080");
  EXPECT_EQ(call("10.77.0.2"), "outbound 10.77.0.2 8080");
}

INSTANTIATE_TEST_SUITE_P(Backends, VirtualNetwork, ::testing::ValuesIn(all_backends()), name_of_backend);

}  // namespace
}  // namespace meshdns::testing
