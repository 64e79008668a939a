// Names that are not ours: through the server to an upstream and back.
#include <cctype>
#include <memory>
#include <set>
#include <thread>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dns/forward/forward_plan.hpp"
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

// Before the 5 s after which stub resolvers give up, and not before the last chance of an answer.
TEST_F(Forward, AnswersServfailInTimeWhenAllUpstreamsAreSilentAndMeshNamesMeanwhile) {
  using Clock = std::chrono::steady_clock;
  support::ScriptedUpstream other(support::silence);
  upstream.follow(support::silence);
  BlockOptions only = mesh_block();
  only.errors = true;
  only.forward.emplace_back().to = {upstream.address(), other.address()};
  start(only);
  UdpClient waiting(address());
  TcpClient waiting_tcp(address());
  Clock::duration took{};
  std::uint16_t id = 0;
  ASSERT_TRUE(becomes_true([&] {  // machines stall
    const std::string name = "n" + std::to_string(++id) + ".example.org";
    const auto since = Clock::now();
    waiting.send(make_query({.name = name, .id = id}));
    waiting_tcp.send(make_query({.name = name, .id = id}));
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
    }
    EXPECT_FALSE(waiting.receive(milliseconds(0)));
    const auto octets = waiting.receive();
    took = Clock::now() - since;
    const auto reply = octets ? read_reply(*octets) : std::nullopt;
    EXPECT_TRUE(reply && waiting_tcp.receive());
    EXPECT_EQ(reply->rcode, "SERVFAIL");
    EXPECT_EQ(reply->id, id);
    EXPECT_THAT(reply->question, StartsWith(name));
    return took < milliseconds(4500);
  }));
  EXPECT_GE(took, milliseconds(3900));
  EXPECT_TRUE(log.wait_for("plugin/errors: 2 n1.example.org. A: ")) << log.text();
}

TEST_F(Forward, AnswersOneTypeWhileAnotherIsWaitedFor) {
  upstream.follow([](const SeenQuery& query) {
    return query.question().ends_with(" 28") ? Reaction{} : support::answer(query);
  });
  start_with(upstream.address());
  UdpClient client(address());
  client.send(make_query({.name = "www.example.org", .type = "AAAA", .id = 1}));
  client.send(make_query({.name = "www.example.org", .type = "A", .id = 2}));
  const auto first = client.receive();
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)[1], 2);
}

TEST_F(Forward, AThousandClientsOfOneColdNameAskOnceAndGetTheirOwnAnswers) {
  upstream.follow(support::silence);
  start_with(upstream.address());
  const auto name_of = [](std::uint16_t id) {
    return std::string(id % 2 == 0 ? "Cold" : "cOLD") + ".Example.org";
  };
  std::vector<std::unique_ptr<UdpClient>> clients;
  for (std::uint16_t id = 0; id < 1000; ++id) {
    if (id % 10 == 0) {  // descriptors are few
      clients.push_back(std::make_unique<UdpClient>(address()));
    }
    QuerySpec query{.name = name_of(id), .id = id};
    if (id % 3 == 0) {
      query.edns_size = 1232;
    }
    ASSERT_TRUE(clients.back()->send(make_query(query)));
  }
  // The first one's packet again, and again.
  clients[0]->send(make_query({.name = name_of(1), .id = 1}));
  clients[0]->send(make_query({.name = name_of(1), .id = 1}));
  ASSERT_TRUE(becomes_true([&] { return counters().forwarded == 1002; }));
  upstream.follow(support::answer);  // to what the server sends next
  std::set<int> answered;
  std::size_t responses = 0;
  for (const auto& client : clients) {
    for (int i = 0; i < (client == clients[0] ? 12 : 10); ++i) {
      const auto octets = client->receive();
      ASSERT_TRUE(octets) << "after " << responses;
      const auto reply = read_reply(*octets);
      ASSERT_TRUE(reply);
      ++responses;
      answered.insert(reply->id);
      EXPECT_THAT(reply->question, StartsWith(name_of(reply->id)));
      EXPECT_EQ(reply->has_opt, reply->id % 3 == 0);
      EXPECT_EQ(reply->rcode, "NOERROR");
    }
  }
  EXPECT_THAT(answered, SizeIs(1000));
  EXPECT_EQ(counters().coalesced, 1001U);
  EXPECT_THAT(upstream.questions(), SizeIs(1));
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

// Capabilities are a thread's own.
void drop_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct none[2]{};
  ASSERT_EQ(::syscall(SYS_capset, &header, none), 0);
}

TEST_F(Forward, AMarkNeedsAPrivilegeToServeAndNoneToLookAt) {
  BlockOptions only = block();
  forward_to(only, upstream.address());
  only.forward.back().mark = 0x5A;
  only.forward.back().where = {.file = "Corefile", .line = 7};
  std::thread([&] {
    drop_capabilities();
    const auto refused = Server::start({.blocks = {only}}, log.sink());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::NotPermitted);
    EXPECT_EQ(refused.error().what,
              "Corefile:7: mark 0x5a: Operation not permitted, expected the capability CAP_NET_ADMIN");
    EXPECT_TRUE(forward::make_forward_plan({.blocks = {only}}, {})) << "what `meshdns check` makes";
    only.forward.back().mark = 0;
    EXPECT_TRUE(Server::start({.blocks = {only}}, log.sink()));
  }).join();
}

}  // namespace
}  // namespace meshdns::test
