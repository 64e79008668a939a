// The chain that kuma-dp up to 2.14 configures: Envoy's DNS filter first, then the servers of a resolv.conf.
#include "dns/wire/message.hpp"
#include "tests/loopback/block_fixture.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using support::Reaction;
using support::SeenQuery;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Knows one name, of IPv4 only, and denies everything else of it.
Reaction envoy(const SeenQuery& query) {
  if (query.question() == "backend.mesh 1") {
    return support::answer(query);
  }
  const bool is_address = query.question().ends_with(" 1") || query.question().ends_with(" 28");
  return support::fail_with(is_address ? wire::rcode::NXDomain : wire::rcode::NotImp)(query);
}

Reaction resolver(const SeenQuery& query) {
  return query.question().starts_with("www.example.org ") ? support::answer(query)
                                                          : support::fail_with(wire::rcode::NXDomain)(query);
}

class KumaChain : public ServerTest {
 protected:
  void SetUp() override {
    BlockOptions only = block();
    only.errors = true;
    forward_to(only, first.address());
    only.alternate.push_back({.rcodes = {4, 1, 3, 2, 5},
                              .to = {ResolvConf{folder.write("resolv.conf", conf(second))}},
                              .where = {}});
    start(only);
  }
  static std::string conf(const support::ScriptedUpstream& upstream) {
    return "nameserver " + upstream.address().to_string() + "\n";
  }

  support::ScriptedUpstream first{envoy, false};
  support::ScriptedUpstream second{resolver};
};

TEST_F(KumaChain, ResolvesMeshNamesOverUdpAndTcp) {
  EXPECT_THAT(ask_udp(address(), {.name = "backend.mesh"})->answer, SizeIs(1));
  EXPECT_THAT(ask_tcp(address(), {.name = "backend.mesh"})->answer, SizeIs(1));
  EXPECT_THAT(second.seen(), IsEmpty());
}

TEST_F(KumaChain, HasNothingOfOtherTypesOfAMeshName) {
  for (const char* type : {"AAAA", "TXT", "HTTPS", "SRV"}) {
    for (const auto& reply : {ask_udp(address(), {.name = "backend.mesh", .type = type, .edns_size = 1232}),
                              ask_tcp(address(), {.name = "backend.mesh", .type = type})}) {
      ASSERT_TRUE(reply);
      EXPECT_EQ(reply->rcode, "NOERROR") << type << ": musl takes NXDOMAIN for the whole name";
      EXPECT_THAT(reply->answer, IsEmpty());
    }
  }
}

TEST_F(KumaChain, AsksTheResolverForOtherNames) {
  EXPECT_THAT(ask_udp(address(), {.name = "www.example.org"})->answer, SizeIs(1));
  EXPECT_EQ(ask_udp(address(), {.name = "nobody.example.org", .type = "AAAA"})->rcode, "NXDOMAIN");
}

TEST_F(KumaChain, FollowsTheFileOfTheAlternate) {
  support::ScriptedUpstream other(support::answer);
  folder.replace("resolv.conf", conf(other));
  ASSERT_TRUE(log.wait_for("plugin/forward: upstreams reloaded"));
  EXPECT_THAT(ask_udp(address(), {.name = "a.example.org"})->answer, SizeIs(1));
  EXPECT_THAT(other.questions(), ElementsAre("a.example.org 1"));
}

TEST_F(KumaChain, LogsOnlyTheFailureOfTheLastOneAsked) {
  folder.replace("resolv.conf", "nameserver " + support::closed_port().to_string() + "\n");
  ASSERT_TRUE(log.wait_for("plugin/forward: upstreams reloaded"));
  EXPECT_EQ(ask_udp(address(), {.name = "www.example.org"})->rcode, "SERVFAIL");
  EXPECT_TRUE(log.wait_for("plugin/errors: 2 www.example.org. A: read udp 127.77.0.1:")) << log.text();
}

// CoreDNS's order is template, hosts, file, alternate, forward, whoami: what stands before the alternate is
// final, what comes after it is not.
class AlternateOrder : public BlockTest {
 protected:
  std::string alternate(const std::string& codes) const {
    return "alternate " + codes + " . " + second.address().to_string() + "\n";
  }
  std::string hosts(const std::string& options) const {
    return "hosts " + folder.write("hosts", "10.9.0.1 known.h.test\n") + " h.test {\n" + options + "\n}\n";
  }
  void serve_without_forward(const std::string& directives) {
    serve_text(".:0 {\nbind 127.0.0.1\n" + directives + "\n}\n");
  }

  support::ScriptedUpstream second{
      [](const SeenQuery& query) { return Reaction{.messages = {support::make_reply(query, 3)}}; }};
};

constexpr const char* kThree = "10.0.0.0 10.0.0.1 10.0.0.2";  // the alternate's answer

TEST_F(AlternateOrder, WhatTheBlockAnswersItselfIsFinal) {
  upstream.follow(support::fail_with(wire::rcode::NXDomain));
  serve(alternate("NXDOMAIN,SERVFAIL,REFUSED") + hosts("ttl 60") +
        "template IN A t.test {\n rcode NXDOMAIN\n}\ntemplate IN TXT t.test {\n rcode SERVFAIL\n}\n" +
        "acl a.test {\n block\n}");
  EXPECT_EQ(data("www.t.test"), "NXDOMAIN");
  EXPECT_EQ(data("www.t.test", "TXT"), "SERVFAIL");
  EXPECT_EQ(data("known.h.test"), "10.9.0.1");
  EXPECT_EQ(data("unknown.h.test"), "SERVFAIL");
  EXPECT_EQ(data("www.a.test"), "REFUSED");
  EXPECT_THAT(second.seen(), IsEmpty());
  EXPECT_EQ(data("www.example.org"), kThree);
  EXPECT_THAT(upstream.questions(), ElementsAre("www.example.org 1"));
}

TEST_F(AlternateOrder, WhatFallsThroughIsForwardedFirst) {
  upstream.follow(support::fail_with(wire::rcode::NXDomain));
  serve(alternate("NXDOMAIN") + hosts("fallthrough") +
        "template IN A t.test {\n match ^known[.]\n rcode NXDOMAIN\n fallthrough\n}");
  EXPECT_EQ(data("www.t.test"), kThree);
  EXPECT_EQ(data("unknown.h.test"), kThree);
  EXPECT_THAT(upstream.questions(), ElementsAre("unknown.h.test 1", "www.t.test 1"));
}

TEST_F(AlternateOrder, ANameThatNoForwardCoversIsServfailToIt) {
  serve_text(".:0 {\nbind 127.0.0.1\n" + alternate("SERVFAIL") + "forward org " +
             upstream.address().to_string() + " {\n except private.org\n}\n}\n");
  EXPECT_EQ(data("www.org"), "10.0.0.0");
  EXPECT_EQ(data("www.private.org"), kThree);
  EXPECT_EQ(data("www.com"), kThree);
  EXPECT_THAT(upstream.questions(), ElementsAre("www.org 1"));
}

TEST_F(AlternateOrder, NeedsNoForward) {
  serve_without_forward(alternate("SERVFAIL") + hosts("fallthrough"));
  EXPECT_EQ(data("known.h.test"), "10.9.0.1");
  EXPECT_EQ(data("unknown.h.test"), kThree);
}

TEST_F(AlternateOrder, OtherCodesAndWhoamiLeaveItNothing) {
  serve_without_forward(alternate("NXDOMAIN"));
  EXPECT_EQ(data("www.com"), "REFUSED");
  server.reset();
  serve_without_forward(alternate("SERVFAIL") + "whoami");
  EXPECT_EQ(data("www.com"), "NOERROR");
  EXPECT_THAT(second.seen(), IsEmpty());
}

TEST_F(ServerTest, RefusesAboveMaxConcurrentAndSaysSo) {
  support::ScriptedUpstream slow(support::silence);
  BlockOptions only = block();
  only.errors = true;
  forward_to(only, slow.address());
  only.forward[0].max_concurrent = 1;
  start(only);
  UdpClient waiting(address());
  waiting.send(make_query({.name = "a.example.org"}));
  ASSERT_TRUE(becomes_true([&] { return !slow.seen().empty(); }));
  EXPECT_EQ(ask_udp(address(), {.name = "b.example.org"})->rcode, "REFUSED");
  EXPECT_TRUE(log.wait_for("plugin/errors: 5 b.example.org. A: concurrent queries exceeded maximum 1"));
  EXPECT_EQ(counters().refused, 1U);
}

}  // namespace
}  // namespace meshdns::test
