// filter, seen from a client.
#include <atomic>

#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Filter : public BlockTest {
 protected:
  Filter() {
    upstream.follow([shared = shared](const support::SeenQuery& query) { return react(query, *shared); });
  }

  // With the upstream's thread, which may outlive the test's own members.
  struct Shared {
    std::atomic<int> asked = 0;
    std::atomic<int> delay_ms = 0;
  };

  // `dual`, `alias` to it, `only6`, `only4`, `bad` (SERVFAIL); `torn` has AAAA, and is silent about A.
  static support::Reaction react(const support::SeenQuery& query, Shared& shared) {
    const std::string question = query.question();
    if (!question.contains('.')) {
      return support::answer(query);  // the server asks how the upstream is
    }
    const std::string name = question.substr(0, question.find('.'));
    const bool is_v6 = question.ends_with(" 28");
    MadeReply reply;
    const std::string owner = name == "alias" ? "dual" : name;
    if (name == "alias") {
      reply.answer.push_back("alias.example. 60 IN CNAME dual.example.");
    }
    if (owner == "absent" || owner == "bad") {
      reply.flags = owner == "bad" ? 0x8082 : 0x8083;
      reply.authority.push_back("example. 60 IN SOA ns.example. h.example. 1 2 3 4 5");
    } else if (owner == "torn" && !is_v6) {
      return {};
    } else if (is_v6 && owner != "only4") {
      reply.answer.push_back(owner + ".example. 60 IN AAAA fd00::1");
    } else if (!is_v6 && owner != "only6") {
      reply.answer.push_back(owner + ".example. 60 IN A 10.0.0.1");
    } else {
      reply.authority.push_back("example. 60 IN SOA ns.example. h.example. 1 2 3 4 5");
    }
    ++shared.asked;
    return {.messages = {make_reply(query.message, reply)}, .delay = milliseconds(shared.delay_ms)};
  }

  std::optional<Reply> aaaa(const std::string& name) const {
    return ask_udp(address(), {.name = name, .type = "AAAA", .edns_size = 1232});
  }

  std::shared_ptr<Shared> shared = std::make_shared<Shared>();
};

TEST_F(Filter, HidesIpv6AddressesOfForwardedNames) {
  serve("filter aaaa");
  for (const auto& reply :
       {aaaa("alias.example"), ask_tcp(address(), {.name = "alias.example", .type = "AAAA"})}) {
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "NOERROR");
    EXPECT_EQ(reply->question, "alias.example. IN AAAA");
    EXPECT_THAT(reply->answer, ElementsAre("alias.example. 60 IN CNAME dual.example."));
    EXPECT_THAT(reply->authority, ElementsAre(StartsWith("dual.example. 5 IN SOA localhost. ")));
    EXPECT_TRUE(reply->ra);
  }
  EXPECT_EQ(data("only6.example", "AAAA"), "NOERROR");
  EXPECT_EQ(data("dual.example"), "10.0.0.1");
  EXPECT_EQ(data("absent.example", "AAAA"), "NXDOMAIN");
  EXPECT_EQ(data("bad.example", "AAAA"), "SERVFAIL");
  EXPECT_THAT(aaaa("only4.example")->authority, ElementsAre(StartsWith("example. 60 IN SOA ns.example. ")));
}

TEST_F(Filter, HidesIpv4Likewise) {
  serve("filter a");
  EXPECT_EQ(data("dual.example"), "NOERROR");
  EXPECT_EQ(data("dual.example", "AAAA"), "fd00::1");
}

TEST_F(Filter, LeavesTheMeshAndLocalDataAlone) {
  serve("filter aaaa\nhosts " + folder.write("hosts", "fd00::7 db.test\n") + " {\nfallthrough\n}\nmesh " +
        folder.write("zone.yaml", shop_zone()));
  EXPECT_EQ(data("backend.mesh", "AAAA"), "fd00::1");
  EXPECT_EQ(data("db.test", "AAAA"), "fd00::7");
  EXPECT_EQ(data("localhost", "AAAA"), "::1");
}

TEST_F(Filter, HoldsForAnswersFromTheCache) {
  serve("cache\nfilter aaaa");
  EXPECT_EQ(data("dual.example", "AAAA"), "NOERROR");
  EXPECT_EQ(data("dual.example", "AAAA"), "NOERROR");
  EXPECT_EQ(data("absent.example", "AAAA"), "NXDOMAIN");
  EXPECT_EQ(data("absent.example", "AAAA"), "NXDOMAIN");
  EXPECT_EQ(shared->asked, 2);
}

TEST_F(Filter, HoldsForAllWhoShareAQuestion) {
  shared->delay_ms = 100;
  serve("filter aaaa");
  std::vector<UdpClient> clients;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(clients.emplace_back(address()).send(make_query({.name = "dual.example", .type = "AAAA"})));
  }
  for (UdpClient& client : clients) {
    const auto octets = client.receive();
    ASSERT_TRUE(octets);
    EXPECT_THAT(read_reply(*octets)->answer, IsEmpty());
  }
}

TEST_F(Filter, MaySpareTheOnlyAddressesOfAName) {
  serve("cache\nfilter aaaa unless-only");
  EXPECT_EQ(data("only6.example", "AAAA"), "fd00::1");
  EXPECT_THAT(upstream.questions(), ElementsAre("only6.example 1", "only6.example 28"));
  EXPECT_EQ(data("dual.example", "AAAA"), "NOERROR");
  EXPECT_EQ(data("only4.example", "AAAA"), "NOERROR");
  EXPECT_EQ(data("absent.example", "AAAA"), "NXDOMAIN");
  EXPECT_THAT(upstream.questions(), ::testing::Not(Contains("absent.example 1")));
  shared->asked = 0;
  EXPECT_EQ(data("only6.example", "AAAA"), "fd00::1");
  EXPECT_EQ(data("dual.example", "AAAA"), "NOERROR");
  EXPECT_EQ(shared->asked, 0) << "all of it is in the cache";
}

// Whether it has others is not known: an address that may not work is better than none.
TEST_F(Filter, SparesAddressesInTimeWhereTheOthersAreNotKnown) {
  serve("filter aaaa unless-only");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(data("torn.example", "AAAA"), "fd00::1");
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(7'000)) << "two limits are 8.8 s";
}

TEST_F(Filter, LetsDns64MakeAddressesOfHiddenOnes) {
  serve("filter a\ndns64 {\nallow_ipv4\n}");
  EXPECT_EQ(data("only4.example"), "NOERROR");
  EXPECT_EQ(data("only4.example", "AAAA"), "64:ff9b::a00:1");
  serve("filter aaaa\ndns64 {\nallow_ipv4\n}");
  EXPECT_EQ(data("dual.example", "AAAA"), "64:ff9b::a00:1");
  EXPECT_EQ(data("only6.example", "AAAA"), "NOERROR");
}

TEST_F(Filter, HoldsForTheAlternate) {
  support::ScriptedUpstream refusing([](const support::SeenQuery& query) -> support::Reaction {
    return {.messages = {make_reply(query.message, {.flags = 0x8083})}};
  });
  serve_text(".:0 {\nbind 127.0.0.1\nfilter aaaa\nforward . " + refusing.address().to_string() +
             "\nalternate NXDOMAIN . " + upstream.address().to_string() + "\n}\n");
  EXPECT_EQ(data("dual.example", "AAAA"), "NOERROR");
  EXPECT_EQ(data("dual.example"), "10.0.0.1");
  EXPECT_THAT(upstream.questions(), ElementsAre("dual.example 1", "dual.example 28"));
}

TEST_F(Filter, CutsWhatDoesNotFit) {
  upstream.follow([](const support::SeenQuery& query) -> support::Reaction {
    MadeReply reply;
    for (int i = 0; i < 50; ++i) {
      reply.answer.push_back("many.example. 60 IN AAAA fd00::" + std::to_string(i + 1));
    }
    return {.messages = {query.is_tcp ? make_reply(query.message,
                                                   query.question().ends_with(" 28") ? reply : MadeReply{})
                                      : make_reply(query.message, {.flags = 0x8280})}};
  });
  serve("filter aaaa unless-only");
  const auto cut = ask_udp(address(), {.name = "many.example", .type = "AAAA"});
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->tc);
  EXPECT_THAT(cut->answer, SizeIs(AllOf(Gt(5U), Lt(50U))));
  EXPECT_THAT(ask_tcp(address(), {.name = "many.example", .type = "AAAA"})->answer, SizeIs(50));
}

}  // namespace
}  // namespace meshdns::test
