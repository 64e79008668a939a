// New options for a running server, and upstreams that change on disk.
#include <atomic>
#include <filesystem>
#include <functional>
#include <iterator>
#include <thread>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::SizeIs;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

class Reload : public ServerTest {
 protected:
  static std::string resolv_conf(const support::ScriptedUpstream& upstream) {
    return "nameserver " + upstream.address().to_string() + "\n";
  }
};

TEST_F(Reload, AddsAndRemovesListenAddresses) {
  BlockOptions both = mesh_block();
  start({.blocks = {both}, .workers = 2});
  const SocketAddress first = address();
  TcpClient connected(first);
  ASSERT_TRUE(connected.ask({.name = "backend.mesh"}));

  both.listen.push_back(socket_address("127.0.0.2:0"));
  ASSERT_TRUE(server->reload({.blocks = {both}, .workers = 2}));
  ASSERT_THAT(server->status().listening, SizeIs(2));
  EXPECT_EQ(address(0), first) << "an address that stays keeps its socket";
  const SocketAddress second = address(1);
  EXPECT_TRUE(ask_udp(second, {.name = "backend.mesh"}));
  EXPECT_TRUE(ask_tcp(second, {.name = "backend.mesh"}));
  EXPECT_TRUE(connected.ask({.name = "backend.mesh"})) << "and its connections";

  BlockOptions only_second = both;
  only_second.listen = {socket_address("127.0.0.2:0")};
  ASSERT_TRUE(server->reload({.blocks = {only_second}, .workers = 2}));
  EXPECT_TRUE(ask_udp(second, {.name = "backend.mesh"}));
  EXPECT_TRUE(connected.ends_within(kPatience));
  EXPECT_TRUE(becomes_true([&] {
    UdpClient gone(first);
    return !gone.ask({.name = "backend.mesh"}, milliseconds(100)) && gone.was_refused();
  }));
  EXPECT_EQ(server->status().config_reloads, 2U);
}

TEST_F(Reload, AQueryInFlightOutlivesItsAddress) {
  support::ScriptedUpstream upstream(support::silence);
  BlockOptions old = mesh_block();
  forward_to(old, upstream.address());
  start(old);
  UdpClient udp(address());
  udp.send(make_query({.name = "www.example.org"}));
  TcpClient tcp(address());
  tcp.send(make_query({.name = "www.example.net"}));
  ASSERT_TRUE(becomes_true([&] { return server->status().in_flight == 2; }));
  BlockOptions moved = old;
  moved.listen = {socket_address("127.0.0.2:0")};
  ASSERT_TRUE(server->reload({.blocks = {moved}}));
  upstream.follow(support::answer);  // to what the server sends next
  EXPECT_TRUE(udp.receive());
  EXPECT_TRUE(tcp.receive());
}

TEST_F(Reload, OptionsThatCannotBeUsedLeaveTheOldOnesInForce) {
  start(mesh_block());
  BlockOptions no_zone = block();
  no_zone.mesh.emplace().source.paths = {folder.path("missing.yaml")};
  BlockOptions taken = mesh_block();
  support::ScriptedUpstream holder(support::silence);
  taken.listen.push_back(holder.address());
  BlockOptions no_upstreams = mesh_block();
  no_upstreams.forward.emplace_back().to = {ResolvConf{folder.write("empty.conf", "")}};
  for (const BlockOptions& broken : {no_zone, taken, no_upstreams, BlockOptions{}}) {
    const auto refused = server->reload({.blocks = {broken}});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what, "");
    EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
    EXPECT_THAT(server->status().listening, SizeIs(1));
  }
  EXPECT_EQ(server->status().config_failures, 4U);
  EXPECT_EQ(server->status().config_reloads, 0U);
}

TEST_F(Reload, NewUpstreamsAreUsedWhenResolvConfChanges) {
  support::ScriptedUpstream before(support::answer);
  support::ScriptedUpstream after(support::answer);
  BlockOptions only = block();
  only.forward.emplace_back().to = {ResolvConf{folder.write("resolv.conf", resolv_conf(before))}};
  start(only);
  EXPECT_TRUE(ask_udp(address(), {.name = "a.example.org"}));

  folder.replace("resolv.conf", resolv_conf(after));
  ASSERT_TRUE(log.wait_for("plugin/forward: upstreams reloaded"));
  EXPECT_TRUE(ask_udp(address(), {.name = "b.example.org"}));

  folder.write("resolv.conf", "");
  ASSERT_TRUE(log.wait_for("the upstreams in force stay")) << log.text();
  EXPECT_TRUE(ask_udp(address(), {.name = "c.example.org"}));
  fs::remove(folder.path("resolv.conf"));
  ASSERT_TRUE(log.wait_for("the upstreams in force stay", 2)) << log.text();
  EXPECT_TRUE(ask_udp(address(), {.name = "d.example.org"}));
  EXPECT_THAT(before.questions(), ElementsAre("a.example.org 1"));
  EXPECT_THAT(after.questions(), ElementsAre("b.example.org 1", "c.example.org 1", "d.example.org 1"));
}

TEST_F(Reload, OptionsOfResolvConfAreFollowedWhenTheyChange) {
  support::ScriptedUpstream upstream([](const support::SeenQuery& query) {
    return support::Reaction{.messages = {support::make_reply(query, 1, 0x0020)}};
  });
  BlockOptions only = block();
  only.forward.emplace_back().to = {ResolvConf{folder.write("resolv.conf", resolv_conf(upstream))}};
  start(only);
  const auto has_ad = [&](const std::string& name) {
    const auto reply = ask_udp(address(), {.name = name, .flags = 0x0120});
    return reply && reply->ad;
  };
  EXPECT_FALSE(has_ad("a.example.org"));
  EXPECT_FALSE(upstream.seen().back().is_tcp);

  folder.replace("resolv.conf", resolv_conf(upstream) + "options edns0 trust-ad use-vc\n");
  ASSERT_TRUE(log.wait_for("plugin/forward: upstreams reloaded"));
  EXPECT_TRUE(has_ad("b.example.org"));
  EXPECT_TRUE(upstream.seen().back().is_tcp);

  folder.replace("resolv.conf", resolv_conf(upstream) + "options edns0\n");
  ASSERT_TRUE(log.wait_for("plugin/forward: upstreams reloaded", 2));
  EXPECT_FALSE(has_ad("c.example.org"));
}

// The ways in which DHCP clients, kubelets and people replace the file.
TEST_F(Reload, NothingIsLostWhileResolvConfIsReplacedInEveryWay) {
  std::atomic<std::size_t> seen[2] = {0, 0};
  const auto counting = [&](std::size_t which) {
    return [&, which](const support::SeenQuery& query) {
      ++seen[which];
      return support::answer(query);
    };
  };
  support::ScriptedUpstream one(counting(0));
  support::ScriptedUpstream two(counting(1));
  for (const auto& [generation, upstream] :
       {std::pair("0", &one), std::pair("1", &two), std::pair("2", &two)}) {
    fs::create_directory(folder.path(generation));
    folder.write(std::string(generation) + "/resolv.conf", resolv_conf(*upstream));
  }
  fs::create_directory_symlink("0", folder.path("..data"));
  fs::create_symlink("..data/resolv.conf", folder.path("resolv.conf"));
  const auto swap_folder = [&](const char* to) {
    fs::create_directory_symlink(to, folder.path("..data~"));
    fs::rename(folder.path("..data~"), folder.path("..data"));
  };
  const std::pair<const char*, std::function<void()>> ways[] = {
      {"a folder behind a link, as in a ConfigMap", [&] { swap_folder("1"); }},
      {"an edit in place behind the link", [&] { folder.write("1/resolv.conf", resolv_conf(one)); }},
      {"a link",
       [&] {
         fs::create_symlink("2/resolv.conf", folder.path("resolv.conf~"));
         fs::rename(folder.path("resolv.conf~"), folder.path("resolv.conf"));
       }},
      {"a file in place of the link", [&] { folder.replace("resolv.conf", resolv_conf(one)); }},
      {"an edit in place", [&] { folder.write("resolv.conf", resolv_conf(two)); }},
      {"gone and there again",
       [&] {
         fs::remove(folder.path("resolv.conf"));
         folder.write("resolv.conf", resolv_conf(one));
       }},
  };
  BlockOptions only = block();
  only.forward.emplace_back().to = {ResolvConf{folder.path("resolv.conf")}};
  start({.blocks = {only}, .workers = 2});
  std::atomic<bool> is_over = false;
  std::atomic<int> lost = 0;
  std::jthread asker([&] {
    UdpClient client(address());
    for (int i = 0; !is_over; ++i) {
      const auto reply = client.ask({.name = "n" + std::to_string(i) + ".example.org"});
      lost += reply && reply->rcode == "NOERROR" ? 0 : 1;
    }
  });
  std::size_t next = 1;
  for (const auto& [way, replace] : ways) {
    const std::size_t before = seen[next];
    replace();
    EXPECT_TRUE(becomes_true([&] { return seen[next] > before; })) << way << '\n' << log.text();
    next = 1 - next;
  }
  is_over = true;
  asker.join();
  EXPECT_EQ(lost, 0);
}

TEST_F(Reload, NothingIsLostAndNoDescriptorLeftWhileOptionsChangeAllTheTime) {
  BlockOptions only = mesh_block();
  start({.blocks = {only}, .workers = 2});
  std::atomic<bool> is_over = false;
  std::atomic<int> lost = 0;
  std::size_t descriptors = 0;
  {
    std::jthread client([&] {
      UdpClient udp(address());
      TcpClient tcp(address());
      while (!is_over) {
        lost += udp.ask({.name = "backend.mesh"}) ? 0 : 1;
        lost += tcp.ask({.name = "backend.mesh"}) ? 0 : 1;
      }
    });
    for (int i = 0; i < 200; ++i) {
      BlockOptions more = only;
      if (i % 2 == 0) {
        more.listen.push_back(socket_address("127.0.0.2:0"));
      }
      EXPECT_TRUE(server->reload({.blocks = {more}, .workers = 2}));
      if (i == 1) {
        descriptors = open_descriptors();
      }
    }
    EXPECT_TRUE(becomes_true([&] { return open_descriptors() <= descriptors; }))
        << open_descriptors() << ", were " << descriptors;
    is_over = true;
  }
  EXPECT_EQ(lost, 0);
}

}  // namespace
}  // namespace meshdns::test
