// rewrite, acl, dns64 and cancel, seen from a client.
#include "dns/wire/edns_options.hpp"
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Rewriting : public BlockTest {
 protected:
  std::string mesh() const { return "mesh " + folder.write("zone.yaml", shop_zone()); }
};

std::uint16_t extended_error(const Reply& reply) {
  return wire::extended_error_of(wire::parse_reply(reply.octets).value()).code;
}

TEST_F(Rewriting, TheClientGetsItsOwnQuestionBackLetterForLetter) {
  upstream_replies({.answer = {"www.example.org. 60 IN A 10.0.0.1"}});
  serve("rewrite name exact old.example.com www.example.org");
  for (const auto& reply : {ask_udp(address(), {.name = "oLd.Example.COM", .edns_size = 1232}),
                            ask_tcp(address(), {.name = "oLd.Example.COM"})}) {
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->question, "oLd.Example.COM. IN A");
    EXPECT_THAT(reply->answer, ElementsAre("oLd.Example.COM. 60 IN A 10.0.0.1"));
    EXPECT_TRUE(reply->ra);
  }
  EXPECT_THAT(upstream.questions(), ElementsAre("www.example.org 1"));
}

TEST_F(Rewriting, RulesMayStandInBraces) {
  upstream_replies({.answer = {"api.eu.example.org. 60 IN A 10.0.0.1"}});
  serve(R"(rewrite stop {
    name regex (.*)-(us|eu)\.example\.com {1}.{2}.example.org
    answer name (.*)\.(us|eu)\.example\.org {1}-{2}.example.com
})");
  const auto reply = ask_udp(address(), {.name = "api-eu.example.com"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("api-eu.example.com. 60 IN A 10.0.0.1"));
}

TEST_F(Rewriting, ANameThatBecomesOneOfTheMeshIsAnsweredByIt) {
  serve("rewrite name suffix .legacy.example .mesh answer auto\n" + mesh());
  const auto reply = ask_udp(address(), {.name = "backend.legacy.example"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("backend.legacy.example. 30 IN A 240.0.0.1"));
  const auto absent = ask_udp(address(), {.name = "absent.legacy.example"});
  ASSERT_TRUE(absent);
  EXPECT_EQ(absent->rcode, "NXDOMAIN");
  EXPECT_THAT(upstream.questions(), IsEmpty());
}

TEST_F(Rewriting, TheMeshOfAnotherBlockAnswersToo) {
  serve_text(".:0 {\nbind 127.0.0.1\nrewrite name suffix .legacy.example .mesh answer auto\n" + forward() +
             "\n}\nmesh:0 {\nbind 127.0.0.1\n" + mesh() + "\n}\n");
  const auto reply = ask_udp(address(), {.name = "backend.legacy.example"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("backend.legacy.example. 30 IN A 240.0.0.1"));
  const auto absent = ask_udp(address(), {.name = "absent.legacy.example"});
  ASSERT_TRUE(absent);
  EXPECT_EQ(absent->rcode, "NXDOMAIN");
  EXPECT_THAT(upstream.questions(), IsEmpty()) << "no mesh suffix leaves the host";
}

TEST_F(Rewriting, AMeshNameMayBecomeAnother) {
  upstream_replies({.answer = {"www.example.org. 60 IN A 10.0.0.1"}});
  serve("rewrite name backend.mesh www.example.org\n" + mesh());
  const auto reply = ask_udp(address(), {.name = "backend.mesh"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("backend.mesh. 60 IN A 10.0.0.1"));
}

TEST_F(Rewriting, ANameThatCannotBeWrittenIsAFailureNotSilence) {
  serve("rewrite name prefix a " + std::string(64, 'x'));
  const auto reply = ask_udp(address(), {.name = "a.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "SERVFAIL");
}

TEST_F(Rewriting, TtlsOfMeshAnswersToo) {
  serve("rewrite ttl suffix mesh. 5-10\n" + mesh());
  const auto reply = ask_udp(address(), {.name = "backend.mesh"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("backend.mesh. 10 IN A 240.0.0.1"));
}

TEST_F(Rewriting, AclSaysNoInThreeWays) {
  serve(
      "acl blocked.example {\nblock\n}\nacl filtered.example {\nfilter type A\n}\nacl dropped.example "
      "{\ndrop\n}");
  const auto blocked = ask_udp(address(), {.name = "www.blocked.example", .edns_size = 1232});
  ASSERT_TRUE(blocked);
  EXPECT_EQ(blocked->rcode, "REFUSED");
  EXPECT_EQ(extended_error(*blocked), wire::extended_error::Blocked);

  const auto filtered = ask_tcp(address(), {.name = "www.filtered.example", .edns_size = 1232});
  ASSERT_TRUE(filtered);
  EXPECT_EQ(filtered->rcode, "NOERROR");
  EXPECT_THAT(filtered->answer, IsEmpty());
  EXPECT_EQ(extended_error(*filtered), wire::extended_error::Filtered);
  const auto without_opt = ask_udp(address(), {.name = "www.filtered.example"});
  ASSERT_TRUE(without_opt);
  EXPECT_FALSE(without_opt->has_opt);

  EXPECT_FALSE(ask_udp(address(), {.name = "www.dropped.example"}, milliseconds(200)));
  EXPECT_THAT(upstream.questions(), IsEmpty());
}

// With steps around it the query is answered by way of a Deliver, which must not lose the extended error.
TEST_F(Rewriting, AnExtendedErrorPassesTheStepsAroundIt) {
  serve("minimal\nacl {\nblock\n}");
  const auto reply = ask_udp(address(), {.name = "www.example.org", .edns_size = 1232});
  ASSERT_TRUE(reply);
  EXPECT_EQ(extended_error(*reply), wire::extended_error::Blocked);
}

TEST_F(Rewriting, AclSeesNamesAsTheyAreRewritten) {
  serve("rewrite name exact good.example bad.example\nacl bad.example {\nblock\n}");
  const auto reply = ask_udp(address(), {.name = "good.example"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "REFUSED");
  EXPECT_EQ(reply->question, "good.example. IN A");
}

TEST_F(Rewriting, AclStandsBeforeTheMesh) {
  serve("acl {\nblock type AAAA net 127.0.0.0/8\n}\n" + mesh());
  EXPECT_EQ(ask_udp(address(), {.name = "backend.mesh", .type = "AAAA"})->rcode, "REFUSED");
  EXPECT_EQ(ask_udp(address(), {.name = "backend.mesh"})->rcode, "NOERROR");
}

// More drops than a connection may have queries in flight.
TEST_F(Rewriting, DropsOverTcpDoNotStopTheConnection) {
  for (const std::string around : {"minimal\n", ""}) {
    serve(around + "acl dropped.example {\ndrop\n}");
    TcpClient client(address());
    for (std::uint16_t id = 0; id < 100; ++id) {
      ASSERT_TRUE(client.send(make_query({.name = "a.dropped.example", .id = id})));
    }
    const auto reply = client.ask({.name = "www.example.org", .id = 777});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->id, 777);
  }
}

class Dns64 : public BlockTest {
 protected:
  // The upstream has A records only.
  void has_ipv4_only() {
    upstream.follow([](const support::SeenQuery& query) -> support::Reaction {
      const bool is_a = query.question().ends_with(" 1");
      return {
          .messages = {make_reply(
              query.message, {.answer = is_a ? std::vector<std::string>{"www.example.org. 60 IN A 192.0.2.33"}
                                             : std::vector<std::string>{}})}};
    });
  }
};

TEST_F(Dns64, MakesAaaaForClientsOverIpv6) {
  has_ipv4_only();
  serve("dns64", "::1");
  for (const auto& reply : {ask_udp(address(), {.name = "www.example.org", .type = "AAAA"}),
                            ask_tcp(address(), {.name = "www.example.org", .type = "AAAA"})}) {
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->question, "www.example.org. IN AAAA");
    EXPECT_THAT(reply->answer, ElementsAre("www.example.org. 60 IN AAAA 64:ff9b::c000:221"));
  }
}

TEST_F(Dns64, OverIpv4OnlyWhereItIsAllowed) {
  has_ipv4_only();
  serve("dns64");
  EXPECT_THAT(ask_udp(address(), {.name = "www.example.org", .type = "AAAA"})->answer, IsEmpty());
  serve("dns64 2001:db8::/32 {\nallow_ipv4\n}");
  EXPECT_THAT(ask_udp(address(), {.name = "www.example.org", .type = "AAAA"})->answer,
              ElementsAre("www.example.org. 60 IN AAAA 2001:db8:c000:221::"));
}

// The other block, which the rewritten name would come to by itself, has no upstream.
TEST_F(Dns64, AsksBothTimesInTheSameBlock) {
  has_ipv4_only();
  serve_text(
      "example.com:0 {\nbind 127.0.0.1\nrewrite name www.example.com www.example.org\ndns64 "
      "{\nallow_ipv4\n}\n" +
      forward() + "\n}\nexample.org:0 {\nbind 127.0.0.1\nerrors\n}\n");
  EXPECT_THAT(ask_udp(address(), {.name = "www.example.com", .type = "AAAA"})->answer,
              ElementsAre("www.example.com. 60 IN AAAA 64:ff9b::c000:221"));
}

// Two questions that nobody answers take no longer than one.
TEST_F(Dns64, FailsInTimeWhenTheUpstreamIsSilent) {
  upstream.follow(support::silence);
  serve("dns64 {\nallow_ipv4\n}");
  const auto before = std::chrono::steady_clock::now();
  const auto reply = ask_udp(address(), {.name = "www.example.org", .type = "AAAA"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "SERVFAIL");
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(7'000)) << "two limits are 8.8 s";
}

TEST_F(Dns64, LeavesNamesOfTheMeshAlone) {
  has_ipv4_only();
  serve("dns64 {\ntranslate_all\nallow_ipv4\n}\nmesh " + folder.write("zone.yaml", shop_zone()));
  const auto reply = ask_udp(address(), {.name = "v4.mesh", .type = "AAAA"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "NOERROR");
  EXPECT_THAT(reply->answer, IsEmpty());
  EXPECT_THAT(upstream.questions(), IsEmpty());
}

TEST_F(Rewriting, CancelAnswersInTime) {
  upstream.follow(support::silence);
  serve("cancel 50ms");
  const auto before = std::chrono::steady_clock::now();
  const auto reply = ask_udp(address(), {.name = "www.example.org", .edns_size = 1232});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "SERVFAIL");
  EXPECT_EQ(reply->question, "www.example.org. IN A");
  EXPECT_TRUE(reply->has_opt);
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(3000))
      << "long before the limit of 4.4 s";
}

TEST_F(Rewriting, CancelLeavesAnswersInTimeAlone) {
  serve("cancel");
  const auto reply = ask_udp(address(), {.name = "www.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->answer.size(), 1U);
}

}  // namespace
}  // namespace meshdns::test
