// What `options` lines of a resolv.conf do, as upstreams and clients notice it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>

#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::silence;
using ::testing::Each;
using ::testing::Field;
using ::testing::SizeIs;

class ResolvConfFile : public ForwarderTest {
 protected:
  ResolvConfFile() { ::mkdtemp(folder_.data()); }
  ~ResolvConfFile() override { std::filesystem::remove_all(folder_); }

  // One `forward` to the servers of a file with these options.
  void use_file(const std::vector<SocketAddress>& servers, std::string_view words,
                ForwardOptions options = {}) {
    const std::string path = folder_ + "/resolv.conf";
    {
      std::ofstream file(path);
      for (const SocketAddress& server : servers) {
        file << "nameserver " << server.to_string() << "\n";
      }
      file << "options " << words << "\n";
    }
    options.to = {ResolvConf{path}};
    use_block({.forward = {std::move(options)}});
  }

  // How long a question to upstreams that are silent takes.
  milliseconds time_to_failure() {
    const auto asked = submit(QuerySpec{});
    milliseconds time{0};
    for (; asked->outcomes == 0 && time < milliseconds(9000); time += milliseconds(100)) {
      pass(milliseconds(100));
    }
    EXPECT_EQ(asked->code, 2);
    return time;
  }

 private:
  std::string folder_ = ::testing::TempDir() + "meshdns-resolv-XXXXXX";
};

TEST_F(ResolvConfFile, UseVcAsksOverTcpUnlessTheDirectivePrefersUdp) {
  ScriptedUpstream upstream(answer);
  use_file({upstream.address()}, "use-vc");
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_THAT(upstream.seen(), Each(Field(&SeenQuery::is_tcp, true)));
  use_file({upstream.address()}, "use-vc", {.prefer_udp = true});
  EXPECT_EQ(ask({.name = "b.example.com"}).answers(), 1U);
  EXPECT_FALSE(upstream.seen().back().is_tcp);
}

TEST_F(ResolvConfFile, RotateAsksEachInTurnUnlessTheDirectiveHasAPolicy) {
  ScriptedUpstream one(answer);
  ScriptedUpstream two(answer);
  use_file({one.address(), two.address()}, "rotate");
  for (int i = 0; i < 4; ++i) {
    ask();
  }
  EXPECT_THAT(one.seen(), SizeIs(2));
  EXPECT_THAT(two.seen(), SizeIs(2));
  use_file({one.address(), two.address()}, "rotate", {.policy = ForwardPolicy::Sequential});
  for (int i = 0; i < 4; ++i) {
    ask();
  }
  EXPECT_THAT(one.seen(), SizeIs(6));
}

TEST_F(ResolvConfFile, AttemptsBoundTheMessagesToEachAndTimeoutTheWaitForTheLast) {
  ScriptedUpstream one(silence);
  ScriptedUpstream two(silence);
  const ForwardOptions unprobed{.probe = {.interval = milliseconds(0)}};
  const auto messages_and_time = [&](std::string_view words, ForwardOptions options) {
    const auto before = counters.upstream_sent.value();
    options.probe = unprobed.probe;
    use_file({one.address(), two.address()}, words, options);
    const auto time = time_to_failure();
    return std::pair(counters.upstream_sent.value() - before, time);
  };
  using Pair = std::pair<std::uint64_t, milliseconds>;
  EXPECT_EQ(messages_and_time("edns0", {}), Pair(5, 4400));
  EXPECT_EQ(messages_and_time("attempts:1", {}), Pair(2, 4400));
  EXPECT_EQ(messages_and_time("attempts:1 timeout:1", {}), Pair(2, 1400)) << "sent at 0 and 0.4 s";
  EXPECT_EQ(messages_and_time("timeout:1", {}), Pair(5, 3800));
  EXPECT_EQ(messages_and_time("timeout:30 attempts:5", {}), Pair(5, 4400)) << "never later";
  EXPECT_EQ(messages_and_time("attempts:1 timeout:1", {.max_attempts = 3}), Pair(3, 1800));
}

TEST_F(ResolvConfFile, AnAnswerWithinTheTimeoutIsTaken) {
  ScriptedUpstream late(support::answer_after(milliseconds(200)));
  use_file({late.address()}, "attempts:1 timeout:2");
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(1900));
  run_until([&] { return asked->outcomes > 0; });
  EXPECT_EQ(asked->answers(), 1U);
}

}  // namespace
}  // namespace meshdns::forward
