// The same datagram twice: the client gets its answer twice, the upstream is asked once.
#include "dns/wire/message.hpp"
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::SizeIs;

class RepeatedQuery : public BlockTest {
 protected:
  static Octets octets(const std::optional<Reply>& reply) { return reply ? reply->octets : Octets(); }
};

TEST_F(RepeatedQuery, IsAnsweredAgainWithoutAskingAgain) {
  serve("errors");
  UdpClient client(address());
  const QuerySpec query{.name = "WWW.example.org", .id = 7};
  const Octets first = octets(client.ask(query));
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(octets(client.ask(query)), first);
  EXPECT_EQ(octets(client.ask(query)), first);
  EXPECT_THAT(upstream.seen(), SizeIs(1));
  EXPECT_EQ(counters().repeated, 2U);
}

TEST_F(RepeatedQuery, IsAnotherOneWithAnotherIdPortTypeOrTransport) {
  serve("errors");
  UdpClient client(address());
  EXPECT_TRUE(client.ask({.name = "www.example.org", .id = 7}));
  EXPECT_TRUE(client.ask({.name = "www.example.org", .id = 8}));
  EXPECT_TRUE(client.ask({.name = "www.example.org", .type = "AAAA", .id = 7}));
  EXPECT_TRUE(ask_udp(address(), {.name = "www.example.org", .id = 7}));
  EXPECT_TRUE(ask_tcp(address(), {.name = "www.example.org", .id = 7}));
  EXPECT_THAT(upstream.seen(), SizeIs(5));
  EXPECT_EQ(counters().repeated, 0U);
}

TEST_F(RepeatedQuery, IsAnsweredAsOftenWhileTheUpstreamIsAsked) {
  upstream.follow(support::answer_after(milliseconds(100)));
  serve("errors");
  UdpClient client(address());
  const Octets query = make_query({.name = "slow.example.org", .id = 7});
  client.send(query);
  client.send(query);
  const auto first = client.receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(client.receive(), first);
  EXPECT_THAT(upstream.seen(), SizeIs(1));
}

// What a cache does not keep, too.
TEST_F(RepeatedQuery, IsAnsweredAgainBesideACache) {
  upstream_replies({.answer = {"www.example.org. 0 IN A 10.0.0.1"}});
  serve("cache");
  UdpClient client(address());
  const Octets first = octets(client.ask({.name = "www.example.org", .id = 7}));
  EXPECT_EQ(octets(client.ask({.name = "www.example.org", .id = 7})), first);
  EXPECT_THAT(upstream.seen(), SizeIs(1));
}

TEST_F(RepeatedQuery, GetsNothingFromBeforeAReload) {
  serve("errors");
  UdpClient client(address());
  EXPECT_TRUE(client.ask({.name = "www.example.org", .id = 7}));
  auto corefile = parse_corefile(".:0 {\nbind 127.0.0.1\n" + forward() + "\n}\n", "Corefile");
  ASSERT_TRUE(server->reload(std::move(corefile->options)));
  EXPECT_TRUE(client.ask({.name = "www.example.org", .id = 7}));
  EXPECT_THAT(upstream.seen(), SizeIs(2));
}

// A failure is not kept here: the failure of an upstream is remembered for a second, by who asks it.
TEST_F(RepeatedQuery, OfWhatFailedIsNotRemembered) {
  upstream.follow(support::fail_with(wire::rcode::ServFail));
  serve("errors");
  UdpClient client(address());
  EXPECT_EQ(client.ask({.name = "www.example.org", .id = 7})->rcode, "SERVFAIL");
  upstream.follow(support::answer);
  EXPECT_TRUE(
      becomes_true([&] { return client.ask({.name = "www.example.org", .id = 7})->rcode == "NOERROR"; }));
}

}  // namespace
}  // namespace meshdns::test
