// Names that are not ours: through the server to an upstream and back.
#include <cctype>

#include "dns/wire/message.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using support::Reaction;
using support::SeenQuery;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::uint16_t kTruncated = 0x0200;

class Forward : public ServerTest {
 protected:
  void start_with(const SocketAddress& upstream_address) {
    BlockOptions only = mesh_block();
    only.errors = true;
    forward_to(only, upstream_address);
    start(only);
  }

  support::ScriptedUpstream upstream{support::answer};
};

TEST_F(Forward, GivesTheReplyTheClientsIdAndCase) {
  upstream.follow([](const SeenQuery& query) {
    SeenQuery lowered = query;
    for (std::size_t i = 12; i < 12 + query.question_size() - 4; ++i) {
      lowered.message[i] = static_cast<std::uint8_t>(std::tolower(lowered.message[i]));
    }
    return support::answer(lowered);
  });
  start_with(upstream.address());
  const auto udp = ask_udp(address(), {.name = "WWW.Example.ORG", .id = 0x0815});
  ASSERT_TRUE(udp);
  EXPECT_EQ(udp->id, 0x0815);
  EXPECT_THAT(udp->question, StartsWith("WWW.Example.ORG."));
  EXPECT_EQ(udp->rcode, "NOERROR");
  EXPECT_TRUE(udp->ra && udp->rd);
  EXPECT_FALSE(udp->has_opt) << "the upstream leg's EDNS is not the client's";
  EXPECT_THAT(udp->answer, SizeIs(1));
  const auto tcp = ask_tcp(address(), {.name = "other.Example.org", .edns_size = 1400});
  ASSERT_TRUE(tcp);
  EXPECT_THAT(tcp->question, StartsWith("other.Example.org."));
  EXPECT_TRUE(tcp->has_opt);
}

TEST_F(Forward, KeepsMeshNamesOnTheHost) {
  start_with(upstream.address());
  for (const char* name : {"backend.mesh", "nobody.mesh", "x.y.mesh", "mesh"}) {
    for (const char* type : {"A", "TXT", "TYPE65280", "ANY"}) {
      EXPECT_TRUE(ask_udp(address(), {.name = name, .type = type})) << name << type;
    }
  }
  EXPECT_THAT(upstream.seen(), IsEmpty());
}

TEST_F(Forward, SendsOnlyOtherTypesOfAnOverlayName) {
  start_with(upstream.address());
  for (const char* type : {"A", "AAAA", "HTTPS"}) {
    EXPECT_TRUE(ask_udp(address(), {.name = "api.example.com", .type = type}));
  }
  EXPECT_TRUE(ask_udp(address(), {.name = "api.example.com", .type = "MX"}));
  EXPECT_THAT(upstream.questions(), ElementsAre("api.example.com 15"));
}

TEST_F(Forward, TurnsNxdomainForAnOverlayNameIntoNodata) {
  upstream.follow(support::fail_with(wire::rcode::NXDomain));
  start_with(upstream.address());
  const auto overlay = ask_udp(address(), {.name = "api.example.com", .type = "MX"});
  ASSERT_TRUE(overlay);
  EXPECT_EQ(overlay->rcode, "NOERROR") << "the name exists here";
  EXPECT_THAT(overlay->answer, IsEmpty());
  const auto other = ask_udp(address(), {.name = "below.api.example.com", .type = "MX"});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->rcode, "NXDOMAIN");
}

TEST_F(Forward, CutsALargeReplyForUdpAndPassesItWholeOverTcp) {
  upstream.follow([](const SeenQuery& query) {
    return Reaction{.messages = {query.is_tcp ? support::make_reply(query, 150)
                                              : support::make_reply(query, 0, kTruncated)}};
  });
  start_with(upstream.address());
  // An upstream that takes 2 s over TCP does without: the records are missing then, and we ask again.
  std::optional<Reply> reply;
  const auto brings = [&](std::size_t records, const auto& ask) {
    return becomes_true([&] {
      reply = ask();
      return reply && reply->answer.size() >= records;
    });
  };
  ASSERT_TRUE(brings(20, [&] { return ask_udp(address(), {.name = "many.example.org"}); }));
  EXPECT_TRUE(reply->tc);
  EXPECT_LE(reply->octets.size(), 512U);
  ASSERT_TRUE(
      brings(150, [&] { return ask_udp(address(), {.name = "many.example.org", .edns_size = 4096}); }));
  EXPECT_FALSE(reply->tc) << "the upstream's TC was between it and us";
  ASSERT_TRUE(brings(150, [&] { return ask_tcp(address(), {.name = "many.example.org"}); }));
  EXPECT_FALSE(reply->tc);
}

TEST_F(Forward, AnswersServfailWhenTheUpstreamIsSilentAndMeshNamesMeanwhile) {
  upstream.follow(support::silence);
  start_with(upstream.address());
  UdpClient waiting(address());
  waiting.send(make_query({.name = "www.example.org", .id = 5}));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  }
  EXPECT_FALSE(waiting.receive(milliseconds(0)));
  const auto octets = waiting.receive();
  ASSERT_TRUE(octets);
  const auto reply = read_reply(*octets);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "SERVFAIL");
  EXPECT_EQ(reply->id, 5);
  EXPECT_THAT(reply->question, StartsWith("www.example.org."));
  EXPECT_TRUE(log.wait_for("plugin/errors: 2 www.example.org. A: ")) << log.text();
}

TEST_F(Forward, AnswersServfailAtOnceWhenNobodyListensUpstream) {
  start_with(support::closed_port());
  const auto reply = ask_udp(address(), {.name = "www.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "SERVFAIL");
  EXPECT_TRUE(log.wait_for("connection refused")) << "not a timeout: " << log.text();
}

TEST_F(Forward, RefusesWhatIsExceptedOrOfNoPool) {
  BlockOptions only = mesh_block();
  forward_to(only, upstream.address());
  only.forward[0].from = domain("org");
  only.forward[0].except = {domain("private.org")};
  start(only);
  EXPECT_EQ(ask_udp(address(), {.name = "www.org"})->rcode, "NOERROR");
  EXPECT_EQ(ask_udp(address(), {.name = "www.private.org"})->rcode, "REFUSED");
  EXPECT_EQ(ask_udp(address(), {.name = "www.com"})->rcode, "REFUSED");
  EXPECT_THAT(upstream.questions(), ElementsAre("www.org 1"));
}

TEST_F(Forward, CountsAForwardedQueryOnce) {
  start_with(upstream.address());
  ASSERT_TRUE(ask_udp(address(), {.name = "a.example.org"}));
  ASSERT_TRUE(ask_tcp(address(), {.name = "b.example.org"}));
  EXPECT_EQ(counters().forwarded, 2U);
}

TEST_F(Forward, ManyClientsAtOnceAllGetTheirAnswer) {
  upstream.follow(support::answer_after(milliseconds(30)));
  start_with(upstream.address());
  UdpClient client(address());
  for (std::uint16_t id = 0; id < 500; ++id) {
    ASSERT_TRUE(client.send(make_query({.name = "n" + std::to_string(id) + ".example.org", .id = id})));
  }
  std::size_t answered = 0;
  while (const auto octets = client.receive()) {
    const auto reply = read_reply(*octets);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "NOERROR");
    EXPECT_THAT(reply->question, StartsWith("n" + std::to_string(reply->id) + "."));
    if (++answered == 500) {
      break;
    }
  }
  EXPECT_EQ(answered, 500U);
}

}  // namespace
}  // namespace meshdns::test
