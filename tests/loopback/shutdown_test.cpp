// The end of a server: what was received is answered, nothing is left behind.
#include <atomic>
#include <filesystem>
#include <iterator>
#include <memory>
#include <thread>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using Clock = std::chrono::steady_clock;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

class Shutdown : public ServerTest {};

TEST_F(Shutdown, AnswersWhatItHasReceived) {
  start({.blocks = {mesh_block()}, .workers = 2});
  std::vector<std::unique_ptr<UdpClient>> udp;
  std::vector<std::unique_ptr<TcpClient>> tcp;
  for (std::uint16_t i = 0; i < 50; ++i) {
    udp.push_back(std::make_unique<UdpClient>(address()));
    tcp.push_back(std::make_unique<TcpClient>(address()));
  }
  for (const auto& client : tcp) {
    client->send(make_query({.name = "backend.mesh"}));
    client->send(make_query({.name = "nobody.mesh"}));
  }
  for (const auto& client : udp) {
    client->send(make_query({.name = "backend.mesh"}));
  }
  server->stop();
  for (const auto& client : udp) {
    EXPECT_TRUE(client->receive());
  }
  for (const auto& client : tcp) {
    EXPECT_TRUE(client->receive());
    EXPECT_TRUE(client->receive());
    EXPECT_TRUE(client->ends_within(kPatience));
  }
}

TEST_F(Shutdown, LetsQueriesInFlightFinish) {
  support::ScriptedUpstream upstream(support::silence);
  BlockOptions only = mesh_block();
  forward_to(only, upstream.address());
  start(only);
  UdpClient udp(address());
  udp.send(make_query({.name = "a.example.org"}));
  TcpClient tcp(address());
  tcp.send(make_query({.name = "b.example.org"}));
  ASSERT_TRUE(becomes_true([&] { return server->status().in_flight == 2; }));
  upstream.follow(support::answer);  // to what the server sends next
  server->stop();
  EXPECT_TRUE(udp.receive());
  EXPECT_TRUE(tcp.receive());
}

TEST_F(Shutdown, RefusesNewcomersWhileOldQueriesFinish) {
  support::ScriptedUpstream upstream(support::silence);
  BlockOptions only = mesh_block();
  forward_to(only, upstream.address());
  start(only);
  UdpClient early(address());
  early.send(make_query({.name = "a.example.org"}));
  ASSERT_TRUE(becomes_true([&] { return server->status().in_flight == 1; }));
  const SocketAddress listening = address();
  std::jthread stopper([&] { server->stop(kPatience); });
  EXPECT_TRUE(becomes_true([&] {
    UdpClient late(listening);
    return !late.ask({.name = "backend.mesh"}, milliseconds(50)) && late.was_refused();
  })) << "told at once, so that a resolver goes to its next server";
  EXPECT_FALSE(early.receive(milliseconds(0)));
  upstream.follow(support::answer);
  EXPECT_TRUE(early.receive());
}

TEST_F(Shutdown, ReturnsWithinTheGraceWhateverIsInFlight) {
  support::ScriptedUpstream upstream(support::silence);
  BlockOptions only = mesh_block();
  forward_to(only, upstream.address());
  start(only);
  UdpClient udp(address());
  udp.send(make_query({.name = "a.example.org"}));
  TcpClient half(address());
  half.send_octets(Octets{0, 50, 1});
  ASSERT_TRUE(becomes_true([&] { return server->status().in_flight == 1; }));
  const auto since = Clock::now();
  server->stop(milliseconds(300));
  EXPECT_GE(Clock::now() - since, milliseconds(280));
  EXPECT_FALSE(udp.receive(milliseconds(0))) << "not even SERVFAIL, which takes longer";
}

TEST_F(Shutdown, AnIdleServerStopsAtOnceAndMayBeStoppedTwice) {
  start({.blocks = {mesh_block()}, .tcp_idle_timeout = 10 * kPatience});
  TcpClient idle(address());
  ASSERT_TRUE(idle.ask({.name = "backend.mesh"}));
  const auto since = Clock::now();
  server->stop(2 * kPatience);
  server->stop(2 * kPatience);
  EXPECT_LT(Clock::now() - since, kPatience);
  EXPECT_FALSE(server->reload({.blocks = {mesh_block()}}));
  EXPECT_FALSE(server->replace_zone(0, {}));
  EXPECT_EQ(server->status().counters.tcp_queries, 1U) << "what it did can still be asked";
}

// Every query is either answered or refused by the kernel; none waits in vain.
TEST_F(Shutdown, LosesNothingUnderLoad) {
  for (int round = 0; round < 5; ++round) {
    start({.blocks = {mesh_block()}, .workers = 2});
    std::atomic<int> answered = 0;
    std::atomic<int> lost = 0;
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&, at = address()] {
        UdpClient client(at);
        while (!client.was_refused()) {
          if (client.ask({.name = "backend.mesh"})) {
            ++answered;
          } else if (!client.was_refused()) {
            ++lost;
            return;
          }
        }
      });
    }
    ASSERT_TRUE(becomes_true([&] { return answered > 500; }));
    server->stop();
    clients.clear();
    EXPECT_EQ(lost, 0);
  }
}

// Senders that do not wait for answers: what the server took from the kernel, it answered.
TEST_F(Shutdown, AnswersEveryDatagramItReceivedFromAFlood) {
  start({.blocks = {mesh_block()}, .workers = 2});
  const Octets query = make_query({.name = "backend.mesh"});
  std::vector<std::unique_ptr<UdpClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<UdpClient>(address()));
  }
  std::atomic<std::uint64_t> received = 0;
  {
    std::vector<std::jthread> threads;
    for (const auto& client : clients) {
      threads.emplace_back([&] {
        while (!client->was_refused()) {
          for (int i = 0; i < 16 && client->send(query); ++i) {
          }
          while (client->receive(milliseconds(1))) {
            ++received;
          }
        }
      });
    }
    ASSERT_TRUE(becomes_true([&] { return received > 5000; }));
    server->stop();
  }
  for (const auto& client : clients) {
    for (int misses = 0; misses < 2;) {  // one may be a refusal that stood in front of an answer
      if (client->receive(milliseconds(0))) {
        ++received;
      } else {
        ++misses;
      }
    }
  }
  EXPECT_EQ(received, counters().udp_queries);
}

TEST_F(Shutdown, LeavesNoDescriptorsBehind) {
  support::ScriptedUpstream upstream(support::answer);
  const auto live_once = [&] {
    BlockOptions only = mesh_block();
    forward_to(only, upstream.address());
    start({.blocks = {only}, .workers = 2});
    TcpClient tcp(address());
    EXPECT_TRUE(tcp.ask({.name = "backend.mesh"}));
    EXPECT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
    server->stop();
    server.reset();
  };
  live_once();
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    live_once();
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Shutdown, DestructionAloneEndsEverything) {
  support::ScriptedUpstream upstream(support::silence);
  BlockOptions only = mesh_block();
  forward_to(only, upstream.address());
  start(only);
  TcpClient tcp(address());
  tcp.send(make_query({.name = "www.example.org"}));
  ASSERT_TRUE(becomes_true([&] { return server->status().in_flight == 1; }));
  server.reset();
  EXPECT_TRUE(tcp.ends_within(kPatience));
}

}  // namespace
}  // namespace meshdns::test
