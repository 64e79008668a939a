// Upstreams that lead back to the server, through a forwarder that knows nothing of it.
#include <future>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using support::Reaction;
using support::SeenQuery;
using ::testing::SizeIs;

class Loop : public ServerTest {
 protected:
  Loop() { relay.show_loop_probes(); }

  void start_with(BlockOptions only) {
    start(std::move(only));
    back.set_value(address());
  }

  // What this server knows of the relay.
  bool is_looping() {
    const auto upstreams = server->status().upstreams;
    const auto row = std::ranges::find(upstreams, relay.address(), &UpstreamStatus::address);
    return row != upstreams.end() && row->is_looping;
  }

  std::promise<SocketAddress> back;
  std::shared_future<SocketAddress> leads_to = back.get_future();

  // Passes on each query with an id of its own.
  support::ScriptedUpstream relay{[this](const SeenQuery& query) {
    Octets passed_on = query.message;
    passed_on[0] ^= 0x55;
    UdpClient client(leads_to.get());
    client.send(passed_on);
    auto reply = client.receive(milliseconds(1000));
    if (!reply) {
      return Reaction{};
    }
    (*reply)[0] ^= 0x55;
    return Reaction{.messages = {*reply}};
  }};
};

TEST_F(Loop, IsFoundAndQueriesFailAtOnce) {
  BlockOptions only = mesh_block();
  forward_to(only, relay.address());
  start_with(only);
  ASSERT_TRUE(becomes_true([&] { return is_looping(); }));
  EXPECT_TRUE(log.wait_for("leads back to this server"));
  EXPECT_GE(counters().loops_detected, 1U);
  const std::size_t seen = relay.seen().size();
  for (int i = 0; i < 20; ++i) {
    const auto reply = ask_udp(address(), {.name = "n" + std::to_string(i) + ".example.org"});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "SERVFAIL");
  }
  EXPECT_LE(relay.seen().size(), seen + 2) << "no query went round; probes may";
  EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"})) << "the mesh is served all the same";
}

// The network may lead our own packets back as they are.
TEST_F(Loop, IsFoundWhenProbesComeBackUnchanged) {
  relay.follow([this](const SeenQuery& query) {
    UdpClient client(leads_to.get());
    client.send(query.message);
    const auto reply = client.receive(milliseconds(1000));
    return reply ? Reaction{.messages = {*reply}} : Reaction{};
  });
  BlockOptions only = block();
  forward_to(only, relay.address());
  start_with(only);
  EXPECT_TRUE(becomes_true([&] { return is_looping(); })) << log.text();
}

TEST_F(Loop, IsAReasonToEndWhereLoopIsWritten) {
  BlockOptions only = block();
  only.loop = true;
  forward_to(only, relay.address());
  start_with(only);
  EXPECT_TRUE(log.wait_for("plugin/loop: Loop (" + relay.address().to_string() + " -> " +
                           address().to_string() + ") detected for zone \".\""))
      << log.text();
}

TEST_F(Loop, ToOurselvesIsOneToo) {
  BlockOptions only = block(support::ScriptedUpstream(support::silence).address().to_string());
  only.loop = true;
  forward_to(only, only.listen[0]);
  start(only);
  EXPECT_EQ(log.count("plugin/loop: Loop ("), 1U) << log.text();
  back.set_value(address());
}

TEST_F(Loop, OtherUpstreamsAreAskedMeanwhile) {
  support::ScriptedUpstream good(support::answer);
  BlockOptions only = block();
  only.forward.emplace_back().to = {relay.address(), good.address()};
  start_with(only);
  ASSERT_TRUE(becomes_true([&] { return is_looping(); }));
  EXPECT_THAT(ask_udp(address(), {.name = "www.example.org"})->answer, SizeIs(1));
}

}  // namespace
}  // namespace meshdns::test
