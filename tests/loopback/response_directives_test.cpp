// bufsize, minimal, loadbalance, header, nsid and timeouts, seen from a client.
#include <set>

#include "dns/wire/edns_options.hpp"
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

using ResponseDirectives = BlockTest;

support::ScriptedUpstream::Script addresses(std::uint16_t count) {
  return [count](const support::SeenQuery& query) -> support::Reaction {
    return {.messages = {query.is_tcp ? support::make_reply(query, count)
                                      : support::make_reply(query, 0, 0x0200)}};
  };
}

TEST_F(ResponseDirectives, BufsizeIsTheLargestResponseOverUdp) {
  upstream.follow(addresses(150));
  serve("bufsize 800");
  const auto cut = ask_udp(address(), {.name = "many.example", .edns_size = 4096});
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->tc);
  EXPECT_LE(cut->octets.size(), 800U);
  EXPECT_GT(cut->answer.size(), 40U);
  EXPECT_LE(ask_udp(address(), {.name = "many.example"})->octets.size(), 512U) << "it raises nothing";
  EXPECT_THAT(ask_tcp(address(), {.name = "many.example"})->answer, SizeIs(150));
}

TEST_F(ResponseDirectives, BufsizeHoldsForTheMeshToo) {
  serve("bufsize 512\nmesh " + folder.write("zone.yaml", shop_zone()));
  const auto cut = ask_udp(address(), {.name = "many.mesh", .edns_size = 4096});
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->tc);
  EXPECT_LE(cut->octets.size(), 512U);
}

TEST_F(ResponseDirectives, MinimalStripsWhatClientsCanDoWithout) {
  upstream_replies({.answer = {"www.example.org. 60 IN A 10.0.0.1"},
                    .authority = {"example.org. 60 IN NS ns.example.org."},
                    .additional = {"ns.example.org. 60 IN A 10.0.0.2"}});
  serve("minimal");
  const auto reply = ask_udp(address(), {.name = "www.example.org", .edns_size = 1232});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, SizeIs(1));
  EXPECT_THAT(reply->authority, IsEmpty());
  EXPECT_THAT(reply->additional, IsEmpty());
  EXPECT_TRUE(reply->has_opt);
}

TEST_F(ResponseDirectives, LoadbalanceFollowsAWeightFile) {
  upstream_replies({.answer = {"www.example.org. 60 IN A 10.0.0.1", "www.example.org. 60 IN A 10.0.0.2"}});
  const auto first = [this] { return data("www.example.org").substr(0, 8); };
  const auto is_mostly = [&](const std::string& expected) {
    int times = 0;
    for (int i = 0; i < 40; ++i) {
      times += first() == expected ? 1 : 0;
    }
    return times > 30;
  };
  serve("loadbalance weighted " + folder.write("weights", "www.example.org\n10.0.0.2 255\n") +
        " {\nreload 1s\n}");
  EXPECT_TRUE(is_mostly("10.0.0.2"));
  folder.replace("weights", "www.example.org\n10.0.0.1 255\n");
  EXPECT_TRUE(becomes_true([&] { return is_mostly("10.0.0.1"); })) << log.text();
  folder.replace("weights", "www.example.org\n10.0.0.1 256\n");
  EXPECT_TRUE(log.wait_for("weights:2: invalid weight '256', expected 1..255; what is in force stays"))
      << log.text();
  EXPECT_TRUE(is_mostly("10.0.0.1"));
}

TEST_F(ResponseDirectives, LoadbalanceFollowsAWeightFileForTheMeshToo) {
  serve("loadbalance weighted " + folder.write("weights", "three.mesh\n240.0.0.12 255\n") + "\nmesh " +
        folder.write("zone.yaml", shop_zone()));
  int times = 0;
  for (int i = 0; i < 40; ++i) {
    times += data("three.mesh").starts_with("240.0.0.12") ? 1 : 0;
  }
  EXPECT_GT(times, 30);
}

TEST_F(ResponseDirectives, LoadbalanceDoesNotStartWithoutItsWeights) {
  auto corefile = parse_corefile(
      ".:0 {\nbind 127.0.0.1\nloadbalance weighted " + folder.path("none") + "\n" + forward() + "\n}\n",
      "Corefile");
  ASSERT_TRUE(corefile);
  const auto started = Server::start(corefile->options, log.sink());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().what,
            "plugin/loadbalance: open " + folder.path("none") + ": no such file or directory");
}

TEST_F(ResponseDirectives, LoadbalanceTurnsForwardedAnswersAround) {
  upstream.follow([](const support::SeenQuery& query) -> support::Reaction {
    return {.messages = {support::make_reply(query, 3)}};
  });
  serve("loadbalance");
  std::set<std::string> firsts;
  for (int i = 0; i < 100 && firsts.size() < 3; ++i) {
    const auto reply = ask_udp(address(), {.name = "www.example.org"});
    ASSERT_TRUE(reply);
    ASSERT_THAT(reply->answer, SizeIs(3));
    firsts.insert(reply->answer[0]);
  }
  EXPECT_THAT(firsts, SizeIs(3));
}

TEST_F(ResponseDirectives, HeaderChangesFlagsOnBothSides) {
  serve("header {\nresponse set aa\nresponse clear ra\nquery clear rd\n}");
  const auto reply = ask_udp(address(), {.name = "www.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->aa);
  EXPECT_FALSE(reply->ra);
  EXPECT_TRUE(reply->rd) << "as the client sent it";
  EXPECT_EQ(upstream.seen().at(0).message[2] & 1, 0);
}

TEST_F(ResponseDirectives, NsidNamesTheServer) {
  serve("nsid east 7\nmesh " + folder.write("zone.yaml", shop_zone()));
  const Octets nsid = {0, 3, 0, 0};
  for (const char* const name : {"backend.mesh", "www.example.org"}) {
    const auto reply = ask_udp(address(), {.name = name, .edns_size = 1232, .edns_options = nsid});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->opt_options_size, 10U);
    EXPECT_EQ(std::string(reply->octets.end() - 6, reply->octets.end()), "east 7");
    const auto other = ask_udp(address(), {.name = name, .edns_size = 1232});
    ASSERT_TRUE(other);
    EXPECT_EQ(other->opt_options_size, 0U);
  }
}

TEST_F(ResponseDirectives, TimeoutsLimitAConnection) {
  serve("timeouts {\nidle 1s\nmaxtcpqueries 2\n}\nmetadata");
  TcpClient busy(address());
  EXPECT_TRUE(busy.ask({.name = "a.example"}));
  EXPECT_TRUE(busy.ask({.name = "b.example"})) << "the last one is answered";
  EXPECT_TRUE(busy.ends_within(kPatience));
  TcpClient idle(address());
  EXPECT_TRUE(idle.ask({.name = "a.example"}));
  EXPECT_TRUE(idle.ends_within(milliseconds(8'000))) << "sooner than after the usual 10 s";
}

}  // namespace
}  // namespace meshdns::test
