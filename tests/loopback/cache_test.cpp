// Names that are not ours and were asked before: from the cache of their block.
#include "dns/wire/message.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using namespace std::chrono_literals;
using support::Reaction;
using support::SeenQuery;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Authoritative, as no cached answer may be.
Reaction answer_with_authority(const SeenQuery& query) {
  return {.messages = {support::make_reply(query, 1, wire::flag::AA)}};
}

Reaction deny(const SeenQuery& query) {
  support::Bytes reply = support::make_reply(query, 0, wire::rcode::NXDomain);
  const support::Bytes soa = {0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0, 0, 0, 0,
                              1,    0,  0, 0, 1, 0, 0, 0, 1, 0,  0, 0,  1, 0, 0, 0, 20};
  reply.insert(reply.end(), soa.begin(), soa.end());
  reply[9] = 1;
  return {.messages = {reply}};
}

class Cache : public ServerTest {
 protected:
  void start_with(const CacheOptions& cache) {
    configured = mesh_block();
    configured.errors = true;
    configured.cache = cache;
    forward_to(configured, upstream.address());
    start(configured);
  }

  CacheStatus status() const { return server->status().caches.at(0); }

  // That an upstream was asked, however often each of them had to be sent.
  std::uint64_t questions() const { return counters().forwarded - counters().coalesced; }

  // True as soon as the record that the cache has of this name is over.
  bool is_over(const std::string& name) {
    const auto misses = status().misses;
    return becomes_true([&] {
      const auto reply = ask_udp(address(), {.name = name, .edns_size = 1232});
      return status().misses != misses || !reply;
    });
  }

  static CacheOptions short_lived() {
    CacheOptions cache;
    cache.success.max_ttl = 1s;
    return cache;
  }

  static CacheOptions stale(std::chrono::milliseconds wait) {
    CacheOptions cache = short_lived();
    cache.stale.emplace().wait = wait;
    return cache;
  }

  BlockOptions configured;
  support::ScriptedUpstream upstream{support::answer};
};

TEST_F(Cache, AnswersTheSecondTimeWithoutAsking) {
  upstream.follow(answer_with_authority);
  start_with({});
  const auto first = ask_udp(address(), {.name = "www.example.org", .id = 1});
  const auto second = ask_udp(address(), {.name = "WWW.Example.org", .id = 2, .edns_size = 1232});
  const auto third = ask_tcp(address(), {.name = "www.EXAMPLE.org", .id = 3});
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(questions(), 1U);
  EXPECT_TRUE(first->aa) << "the upstream's own words";
  EXPECT_FALSE(second->aa || third->aa);
  EXPECT_TRUE(second->ra && second->rd && second->has_opt);
  EXPECT_FALSE(third->has_opt);
  EXPECT_EQ(second->id, 2);
  EXPECT_EQ(second->question, "WWW.Example.org. IN A");
  EXPECT_THAT(second->answer, ElementsAre(StartsWith("WWW.Example.org. ")));
  EXPECT_EQ(third->question, "www.EXAMPLE.org. IN A");
  EXPECT_EQ(status().success.hits, 2U);
  EXPECT_EQ(status().misses, 1U);
  EXPECT_EQ(status().success.entries, 1U);
}

TEST_F(Cache, AsksForEachTypeAndDnssecAndRecursionApart) {
  start_with({});
  ask_udp(address(), {.name = "www.example.org"});
  ask_udp(address(), {.name = "www.example.org", .type = "TXT"});
  ask_udp(address(), {.name = "www.example.org", .edns_size = 1232, .dnssec_ok = true});
  EXPECT_EQ(questions(), 3U);
}

TEST_F(Cache, DoesNotLearnFromWhoAskedWithoutRecursion) {
  start_with({});
  ask_udp(address(), {.name = "www.example.org", .flags = 0});
  ask_udp(address(), {.name = "www.example.org"});
  EXPECT_EQ(questions(), 2U);
  ask_udp(address(), {.name = "www.example.org", .flags = 0});
  EXPECT_EQ(questions(), 2U);
}

TEST_F(Cache, KeepsDenials) {
  upstream.follow(deny);
  start_with({});
  for (int i = 0; i < 3; ++i) {
    const auto reply = ask_udp(address(), {.name = "absent.example.org"});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "NXDOMAIN");
    EXPECT_THAT(reply->authority, SizeIs(1));
  }
  EXPECT_EQ(questions(), 1U);
  EXPECT_EQ(status().denial.hits, 2U);
}

TEST_F(Cache, ADenialOfAnOverlayNameMeansNodataFromTheCacheToo) {
  upstream.follow(deny);
  start_with({});
  for (int i = 0; i < 2; ++i) {
    const auto reply = ask_udp(address(), {.name = "api.example.com", .type = "MX"});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "NOERROR");
  }
  EXPECT_EQ(status().denial.hits, 1U);
}

TEST_F(Cache, NeverSeesMeshNames) {
  start_with({});
  for (const char* name : {"backend.mesh", "nobody.mesh", "api.example.com"}) {
    EXPECT_TRUE(ask_udp(address(), {.name = name}));
  }
  EXPECT_EQ(status().misses, 0U);
}

TEST_F(Cache, CutsForTheClientThatTakesLittle) {
  upstream.follow(
      [](const SeenQuery& query) { return Reaction{.messages = {support::make_reply(query, 60)}}; });
  start_with({});
  ASSERT_TRUE(ask_udp(address(), {.name = "many.example.org", .edns_size = 4096}));
  const auto cut = ask_udp(address(), {.name = "many.example.org"});
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->tc);
  EXPECT_LE(cut->octets.size(), 512U);
  EXPECT_THAT(cut->answer, SizeIs(29));
  const auto whole = ask_tcp(address(), {.name = "many.example.org"});
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->tc);
  EXPECT_THAT(whole->answer, SizeIs(60));
  EXPECT_EQ(questions(), 1U);
}

TEST_F(Cache, AsksAgainWhenTheTtlIsOver) {
  start_with(short_lived());
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  EXPECT_TRUE(is_over("www.example.org"));
  EXPECT_EQ(questions(), 2U);
}

TEST_F(Cache, RemembersThatAnUpstreamFailed) {
  upstream.follow(support::fail_with(wire::rcode::ServFail));
  start_with({.failure_ttl = 60s});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(ask_udp(address(), {.name = "broken.example.org"})->rcode, "SERVFAIL");
  }
  EXPECT_EQ(questions(), 1U);
  EXPECT_EQ(counters().servfail, 3U) << "the first one is the upstream's";
}

TEST_F(Cache, GivesTheStaleAnswerWhenTheUpstreamFails) {
  start_with(stale(60s));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  upstream.follow(support::fail_with(wire::rcode::ServFail));
  ASSERT_TRUE(is_over("www.example.org"));
  const auto reply = ask_udp(address(), {.name = "www.example.org", .edns_size = 1232});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "NOERROR");
  EXPECT_THAT(reply->answer, ElementsAre("www.example.org. 30 IN A 10.0.0.0"));
  EXPECT_EQ(reply->opt_options_size, 6U) << "EDE 3, stale answer";
  EXPECT_EQ(status().served_stale, 2U);
  EXPECT_EQ(questions(), 2U) << "the failure is recent";
  EXPECT_EQ(counters().servfail, 0U);
}

TEST_F(Cache, GivesTheStaleAnswerWhenTheUpstreamIsSilent) {
  start_with(stale(50ms));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  upstream.follow(support::silence);
  ASSERT_TRUE(is_over("www.example.org"));
  EXPECT_EQ(status().served_stale, 1U) << "late, to the one who asked";
  const auto reply = ask_udp(address(), {.name = "www.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("www.example.org. 30 IN A 10.0.0.0"));
  EXPECT_EQ(questions(), 2U) << "it is not asked again while it is silent";
}

TEST_F(Cache, AsksFirstWhenTheUpstreamIsWell) {
  start_with(stale(60s));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  upstream.follow(
      [](const SeenQuery& query) { return Reaction{.messages = {support::make_reply(query, 2)}}; });
  ASSERT_TRUE(is_over("www.example.org"));
  EXPECT_THAT(ask_udp(address(), {.name = "www.example.org"})->answer, SizeIs(2));
  EXPECT_EQ(status().served_stale, 0U);
}

TEST_F(Cache, RefreshesWhatIsPopularWhileItAnswers) {
  CacheOptions cache;
  cache.success.max_ttl = 4s;
  cache.prefetch_hits = 2;
  cache.prefetch_percent = 90;
  start_with(cache);
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  ASSERT_TRUE(becomes_true([&] {
    ask_udp(address(), {.name = "www.example.org"});
    return questions() == 2;
  }));
  EXPECT_EQ(status().misses, 1U) << "nobody waited";
  EXPECT_EQ(status().prefetches, 1U);
}

TEST_F(Cache, OutlivesReloadsThatDoNotConcernIt) {
  start_with({});
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  ASSERT_TRUE(server->reload_zones());
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  BlockOptions changed = configured;
  changed.errors = false;
  ASSERT_TRUE(server->reload({.blocks = {changed}}));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  EXPECT_EQ(questions(), 1U);
  changed.cache->success.max_ttl = 1800s;
  ASSERT_TRUE(server->reload({.blocks = {changed}}));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  EXPECT_EQ(questions(), 2U);
  changed.cache.reset();
  ASSERT_TRUE(server->reload({.blocks = {changed}}));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  EXPECT_EQ(questions(), 3U);
  EXPECT_TRUE(server->status().caches.empty());
}

TEST_F(Cache, AQuestionUnderWayOutlivesItsCache) {
  upstream.follow(support::answer_after(300ms));
  start_with({});
  UdpClient client(address());
  client.send(make_query({.name = "slow.example.org"}));
  ASSERT_TRUE(becomes_true([&] { return server->status().in_flight == 1; }));
  BlockOptions changed = configured;
  changed.cache.reset();
  ASSERT_TRUE(server->reload({.blocks = {changed}}));
  EXPECT_TRUE(client.receive());
}

TEST_F(Cache, HoldsItsZonesOnly) {
  CacheOptions cache;
  cache.zones = {domain("example.org")};
  start_with(cache);
  for (int i = 0; i < 2; ++i) {
    ask_udp(address(), {.name = "www.example.org"});
    ask_udp(address(), {.name = "www.example.net"});
  }
  EXPECT_EQ(questions(), 3U);
  EXPECT_EQ(status().misses, 1U);
}

TEST_F(Cache, ManyClientsOfOneColdNameAskOnce) {
  upstream.follow(support::answer_after(100ms));
  start_with({});
  UdpClient client(address());
  for (std::uint16_t id = 0; id < 50; ++id) {
    ASSERT_TRUE(client.send(make_query({.name = "cold.example.org", .id = id})));
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.receive());
  }
  EXPECT_THAT(ask_udp(address(), {.name = "cold.example.org"})->answer, SizeIs(1));
  EXPECT_EQ(questions(), 1U);
  EXPECT_EQ(status().success.entries, 1U);
}

TEST_F(Cache, TakesNoteOfAReplyOnceHoweverManyWaitForIt) {
  // A denial without a question is no answer to keep, which is counted.
  upstream.follow([](const SeenQuery& query) {
    support::Bytes header = support::make_reply(query, 0, wire::rcode::NXDomain);
    header.resize(wire::kHeaderSize);
    header[5] = 0;
    return Reaction{.messages = {header}, .delay = 100ms};
  });
  start_with({});
  UdpClient client(address());
  for (std::uint16_t id = 0; id < 20; ++id) {
    ASSERT_TRUE(client.send(make_query({.name = "cold.example.org", .id = id})));
  }
  for (int i = 0; i < 20; ++i) {
    const auto octets = client.receive();
    ASSERT_TRUE(octets);
    EXPECT_EQ(read_reply(*octets)->rcode, "NXDOMAIN");
  }
  EXPECT_EQ(status().drops, questions());
}

}  // namespace
}  // namespace meshdns::test
