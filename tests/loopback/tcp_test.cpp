// RFC 7766 as clients see it: pipelining, odd segments, limits, and clients that do not behave.
#include <algorithm>
#include <set>
#include <thread>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

constexpr milliseconds kNever = 10 * kPatience;

using ::testing::ElementsAre;
using ::testing::SizeIs;

class Tcp : public ServerTest {
 protected:
  ServerOptions options() {
    BlockOptions only = mesh_block();
    forward_to(only, upstream.address());
    return {.blocks = {only}};
  }

  // Ids of the next `count` messages, in the order of arrival.
  static std::vector<int> ids(TcpClient& client, std::size_t count) {
    std::vector<int> ids;
    while (ids.size() < count) {
      const auto message = client.receive();
      if (!message) {
        break;
      }
      ids.push_back((*message)[0] << 8 | (*message)[1]);
    }
    return ids;
  }

  static Octets pipelined(const std::vector<QuerySpec>& queries) {
    Octets octets;
    for (const QuerySpec& query : queries) {
      const Octets one = TcpClient::framed(make_query(query));
      octets.insert(octets.end(), one.begin(), one.end());
    }
    return octets;
  }

  support::ScriptedUpstream upstream{support::answer_after(milliseconds(300))};
};

TEST_F(Tcp, AnswersWhatIsReadyBeforeWhatIsSlow) {
  start(options());
  TcpClient client(address());
  client.send_octets(pipelined({{.name = "slow.example.org", .id = 1},
                                {.name = "backend.mesh", .id = 2},
                                {.name = "nobody.mesh", .id = 3}}));
  EXPECT_THAT(ids(client, 3), ElementsAre(2, 3, 1));
}

TEST_F(Tcp, ReadsAQueryThatComesOctetByOctet) {
  start(options());
  TcpClient client(address());
  for (const std::uint8_t octet :
       pipelined({{.name = "backend.mesh", .id = 1}, {.name = "v4.mesh", .id = 2}})) {
    ASSERT_TRUE(client.send_octets({&octet, 1}));
    std::this_thread::yield();
  }
  EXPECT_THAT(ids(client, 2), ElementsAre(1, 2));
}

TEST_F(Tcp, AnswersAClientThatHasClosedItsHalf) {
  start(options());
  TcpClient client(address());
  client.send_octets(pipelined({{.name = "slow.example.org", .id = 1}, {.name = "backend.mesh", .id = 2}}));
  client.half_close();
  EXPECT_THAT(ids(client, 2), ElementsAre(2, 1));
  EXPECT_TRUE(client.ends_within(kPatience));
}

TEST_F(Tcp, AnswersAHundredQueriesOfOneWrite) {
  start(options());
  std::vector<QuerySpec> queries;
  for (std::uint16_t id = 0; id < 100; ++id) {
    queries.push_back({.name = "backend.mesh", .id = id});
  }
  TcpClient client(address());
  client.send_octets(pipelined(queries));
  EXPECT_THAT(ids(client, 100), SizeIs(100));
}

TEST_F(Tcp, AnswersMoreForwardedQueriesThanMayBeInFlight) {
  upstream.follow(support::answer_after(milliseconds(20)));
  ServerOptions few = options();
  few.tcp_max_queries_in_flight = 4;
  start(few);
  std::vector<QuerySpec> queries;
  for (std::uint16_t id = 0; id < 30; ++id) {
    queries.push_back({.name = "n" + std::to_string(id) + ".example.org", .id = id});
  }
  TcpClient client(address());
  client.send_octets(pipelined(queries));
  client.half_close();
  const auto answered = ids(client, 30);
  EXPECT_THAT(std::set(answered.begin(), answered.end()), SizeIs(30));
  EXPECT_TRUE(client.ends_within(kPatience));
}

TEST_F(Tcp, ClosesAnIdleConnection) {
  ServerOptions hasty = options();
  hasty.tcp_idle_timeout = milliseconds(200);
  hasty.tcp_first_message_timeout = kNever;
  start(hasty);
  TcpClient client(address());
  ASSERT_TRUE(client.ask({.name = "backend.mesh"}));
  EXPECT_TRUE(client.ends_within(kPatience));
  EXPECT_EQ(counters().tcp_cut, 1U);
}

TEST_F(Tcp, ClosesAConnectionThatNeverAsksAndKeepsOneThatDid) {
  ServerOptions hasty = options();
  hasty.tcp_idle_timeout = kNever;
  hasty.tcp_first_message_timeout = milliseconds(200);
  start(hasty);
  std::optional<TcpClient> used;
  ASSERT_TRUE(becomes_true([&] {  // it may take us too long to ask
    used.emplace(address());
    return used->ask({.name = "backend.mesh"}).has_value();
  }));
  EXPECT_TRUE(TcpClient(address()).ends_within(kPatience));
  EXPECT_GE(counters().tcp_cut, 1U);
  EXPECT_TRUE(used->ask({.name = "backend.mesh"})) << "the first-message limit does not hold between queries";
}

TEST_F(Tcp, OctetsThatTrickleInBuyNoTime) {
  ServerOptions hasty = options();
  hasty.tcp_idle_timeout = kNever;
  hasty.tcp_first_message_timeout = milliseconds(300);
  start(hasty);
  TcpClient client(address());
  client.send_octets(Octets{0xff, 0xff});  // the length of a message that takes for ever at this pace
  EXPECT_TRUE(becomes_true([&] {
    client.send_octets(Octets{0});
    return client.ends_within(milliseconds(100));
  }));
}

TEST_F(Tcp, WaitsForASlowAnswerBeyondTheIdleLimit) {
  upstream.follow(support::answer_after(milliseconds(450)));
  ServerOptions hasty = options();
  hasty.tcp_idle_timeout = milliseconds(100);
  start(hasty);
  TcpClient client(address());
  EXPECT_TRUE(client.ask({.name = "slow.example.org"}));
}

TEST_F(Tcp, RejectsConnectionsAboveTheLimitAndTakesOthersWhenSomeEnd) {
  ServerOptions narrow = options();
  narrow.tcp_max_connections = 3;
  start(narrow);
  std::vector<std::unique_ptr<TcpClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<TcpClient>(address()));
    ASSERT_TRUE(clients.back()->ask({.name = "backend.mesh"}));
  }
  EXPECT_TRUE(TcpClient(address()).ends_within(kPatience));
  EXPECT_EQ(counters().tcp_rejected, 1U);
  clients.pop_back();
  EXPECT_TRUE(becomes_true([&] { return TcpClient(address()).ask({.name = "backend.mesh"}).has_value(); }));
}

TEST_F(Tcp, ServesTwoHundredAndFiftySixConnectionsAtATime) {
  start(options());
  std::vector<std::unique_ptr<TcpClient>> clients;
  for (std::uint16_t id = 0; id < 256; ++id) {
    clients.push_back(std::make_unique<TcpClient>(address()));
    clients.back()->send(make_query({.name = "slow.example.org", .id = id}));
    clients.back()->send(make_query({.name = "backend.mesh", .id = 1000}));
  }
  ASSERT_TRUE(becomes_true([&] { return counters().tcp_queries == 512; }));
  EXPECT_TRUE(TcpClient(address()).ends_within(kPatience)) << "one too many";
  for (std::uint16_t id = 0; id < 256; ++id) {
    auto answered = ids(*clients[id], 2);
    std::ranges::sort(answered);
    EXPECT_THAT(answered, ElementsAre(id, 1000));
  }
  EXPECT_EQ(counters().tcp_rejected, 1U);
}

TEST_F(Tcp, CutsAReaderThatNeverReadsAndServesTheOthersMeanwhile) {
  start(options());
  TcpClient greedy(address(), 4096);
  const Octets query = TcpClient::framed(make_query({.name = "many.mesh"}));
  Octets many;
  for (int i = 0; i < 20'000; ++i) {  // 48 MB of answers
    many.insert(many.end(), query.begin(), query.end());
  }
  std::thread sender([&] { greedy.send_octets(many); });
  TcpClient other(address());
  int served_meanwhile = -1;  // the last one may be served after the cut
  EXPECT_TRUE(becomes_true([&] {
    EXPECT_TRUE(other.ask({.name = "backend.mesh"}));
    std::this_thread::sleep_for(milliseconds(20));
    ++served_meanwhile;
    return counters().tcp_cut == 1;
  }));
  sender.join();
  EXPECT_GE(served_meanwhile, 10);
  EXPECT_LT(counters().tcp_queries, 10'000U) << "who does not read is not read from";
}

TEST_F(Tcp, AClientThatReadsLateGetsEveryAnswer) {
  start(options());
  constexpr std::size_t kQueries = 3'000;  // 7 MB of answers
  TcpClient client(address(), 4096);
  const Octets query = TcpClient::framed(make_query({.name = "many.mesh"}));
  std::thread sender([&] {
    for (std::size_t i = 0; i < kQueries; ++i) {
      ASSERT_TRUE(client.send_octets(query));
    }
  });
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_THAT(ids(client, kQueries), SizeIs(kQueries));
  sender.join();
}

TEST_F(Tcp, SurvivesAResetInTheMiddleOfAMessageOrOfAnAnswer) {
  start(options());
  for (int i = 0; i < 20; ++i) {
    TcpClient half(address());
    half.send_octets(Octets{0, 40, 1, 2, 3});
    half.reset();
    TcpClient waiting(address());
    waiting.send(make_query({.name = "slow.example.org"}));
    waiting.reset();
  }
  EXPECT_TRUE(ask_tcp(address(), {.name = "slow.example.org"}));
}

TEST_F(Tcp, EndsWithWhatIsNotDnsAfterAnsweringWhatWas) {
  start(options());
  TcpClient client(address());
  Octets octets = pipelined({{.name = "slow.example.org", .id = 1}, {.name = "backend.mesh", .id = 2}});
  octets.insert(octets.end(), {0, 0});
  client.send_octets(octets);
  EXPECT_THAT(ids(client, 2), ElementsAre(2, 1));
  EXPECT_TRUE(client.ends_within(kPatience));
}

TEST_F(Tcp, ReadsTheLargestMessage) {
  start(options());
  Octets query = make_query({.name = "backend.mesh", .id = 9});
  query.resize(65535);  // octets behind the message are nobody's business
  TcpClient client(address());
  ASSERT_TRUE(client.send(query));
  ASSERT_TRUE(client.send(make_query({.name = "backend.mesh", .id = 10})));
  EXPECT_THAT(ids(client, 2), ElementsAre(9, 10));
}

}  // namespace
}  // namespace meshdns::test
