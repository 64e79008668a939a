// The options of `forward`, as upstreams and clients notice them.
#include <set>

#include <gmock/gmock.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::answer_after;
using support::closed_port;
using support::fail_with;
using support::make_reply;
using support::Reaction;
using support::silence;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Options : public ForwarderTest {
 protected:
  static std::set<std::uint16_t> ports(const ScriptedUpstream& upstream) {
    std::set<std::uint16_t> ports;
    for (const SeenQuery& query : upstream.seen()) {
      ports.insert(query.source_port);
    }
    return ports;
  }
};

TEST_F(Options, ForceTcpUsesNothingElseAndKeepsTheConnection) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()}, {.force_tcp = true});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ask().answers(), 1U);
  }
  EXPECT_THAT(upstream.seen(), Each(Field(&SeenQuery::is_tcp, true)));
  EXPECT_THAT(ports(upstream), SizeIs(1));
}

TEST_F(Options, AConnectionHasOneQuestionAtATime) {
  ScriptedUpstream upstream(answer_after(milliseconds(50)));
  use({upstream.address()}, {.force_tcp = true});
  const auto one = submit({.name = "a"});
  const auto two = submit({.name = "b"});
  run_until([&] { return one->outcomes > 0 && two->outcomes > 0; });
  EXPECT_THAT(ports(upstream), SizeIs(2));
}

TEST_F(Options, AConnectionThatWasClosedMeanwhileIsReplaced) {
  ScriptedUpstream upstream([count = 0](const SeenQuery& query) mutable {
    Reaction reaction = answer(query);
    if (++count == 2) {
      reaction.reset_after = 0;  // as if it had been closed before
    }
    return reaction;
  });
  use({upstream.address()}, {.force_tcp = true});
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_THAT(ports(upstream), SizeIs(2));
  EXPECT_EQ(counters.upstream_errors.value(), 0U);
}

TEST_F(Options, ExpireLeavesIdleConnectionsBehind) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()}, {.force_tcp = true, .expire = milliseconds(3000)});
  ask();
  pass(milliseconds(2900));
  ask();
  EXPECT_THAT(ports(upstream), SizeIs(1));
  pass(milliseconds(3000));
  ask();
  EXPECT_THAT(ports(upstream), SizeIs(2));
}

TEST_F(Options, MaxAgeLeavesOldConnectionsBehind) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()}, {.force_tcp = true, .expire = milliseconds(1000), .max_age = milliseconds(1500)});
  ask();
  pass(milliseconds(900));
  ask();
  EXPECT_THAT(ports(upstream), SizeIs(1));
  pass(milliseconds(600));
  ask();
  EXPECT_THAT(ports(upstream), SizeIs(2));
}

TEST_F(Options, MaxIdleConnsClosesTheOthers) {
  ScriptedUpstream upstream(answer_after(milliseconds(50)));
  use({upstream.address()}, {.force_tcp = true, .max_idle_connections = 1});
  for (int round = 0; round < 2; ++round) {
    const auto one = submit({.name = "a"});
    const auto two = submit({.name = "b"});
    run_until([&] { return one->outcomes > 0 && two->outcomes > 0; });
  }
  EXPECT_THAT(ports(upstream), SizeIs(3)) << "one of two was kept";
}

TEST_F(Options, TrustAdBelievesWhatUpstreamsSayTheyHaveValidated) {
  const auto with_ad = [](std::uint16_t rcode) -> ScriptedUpstream::Script {
    return [rcode](const SeenQuery& query) {
      return Reaction{.messages = {make_reply(query, 0, wire::flag::AD | rcode)}};
    };
  };
  ScriptedUpstream upstream(with_ad(0));
  for (const std::uint16_t rcode : {wire::rcode::NoError, wire::rcode::NXDomain}) {
    upstream.follow(with_ad(rcode));
    for (const std::vector<std::uint16_t>& failover : {std::vector<std::uint16_t>{}, {3}}) {
      use({upstream.address()}, {.failover = failover});
      EXPECT_FALSE(ask().is_authentic) << rcode;
      use({upstream.address()}, {.trust_ad = true, .failover = failover});
      EXPECT_TRUE(ask().is_authentic) << rcode;
    }
  }
}

TEST_F(Options, MaxConnectAttemptsBoundsTheMessages) {
  ScriptedUpstream one(fail_with(2));
  ScriptedUpstream two(fail_with(2));
  ScriptedUpstream three(answer);
  use({one.address(), two.address(), three.address()}, {.max_attempts = 2});
  EXPECT_EQ(ask().rcode(), 2);
  EXPECT_THAT(three.seen(), IsEmpty());
}

TEST_F(Options, MaxFailsIsTheNumberOfFailuresThatPutAServerLast) {
  ScriptedUpstream live(answer);
  use({closed_port(), live.address()}, {.max_fails = 3});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask().answers(), 1U);
  }
  EXPECT_EQ(counters.upstream_errors.value(), 3U);
}

TEST_F(Options, MaxFailsZeroNeverPutsAServerLast) {
  ScriptedUpstream live(answer);
  use({closed_port(), live.address()}, {.max_fails = 0});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask().answers(), 1U);
  }
  EXPECT_EQ(counters.upstream_errors.value(), 5U);
}

TEST_F(Options, AServerThatIsDownIsProbedOncePerSecondWithoutAnyQuery) {
  ScriptedUpstream dead(silence);
  ScriptedUpstream live(answer);
  use({dead.address(), live.address()});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return dead.seen().size() == 1; });
  pass(milliseconds(400));
  run_until([&] { return asked->outcomes > 0; });
  pass(milliseconds(5000));
  run_until([&] { return dead.seen().size() == 6; });
  EXPECT_THAT(dead.questions(), ElementsAre(" 2", "www.example.com 1")) << "the NS records of the root";
  dead.follow(answer);
  pass(milliseconds(1000));
  run_until([&] { return dead.seen().size() == 7; });
  loop.restart();
  loop.run_for(milliseconds(20));
  pass(milliseconds(5000));
  EXPECT_EQ(dead.seen().size(), 7U) << "it is up";
  ask({.name = "next.example.com"});
  EXPECT_EQ(dead.questions().count("next.example.com 1"), 1U);
}

TEST_F(Options, HealthCheckSaysHowOftenAndWhatIsAsked) {
  ScriptedUpstream dead(silence);
  use({dead.address()},
      {.probe = {
           .interval = milliseconds(300), .name = *DomainName::parse("example.net"), .recursive = false}});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return dead.seen().size() == 1; });
  pass(milliseconds(700));
  run_until([&] { return dead.questions().contains("example.net 2"); });
  const auto seen = dead.seen();
  const auto probe = std::ranges::find(seen, "example.net 2", &SeenQuery::question);
  EXPECT_EQ(probe->message[2] & 1, 0) << "RD";
}

TEST_F(Options, HealthCheckZeroDoesNotProbe) {
  ScriptedUpstream dead(silence);
  use({dead.address()}, {.probe = {.interval = milliseconds(0)}});
  submit(QuerySpec{});
  run_until([&] { return dead.seen().size() == 1; });
  pass(milliseconds(9000));
  EXPECT_THAT(dead.questions(), ElementsAre("www.example.com 1"));
}

TEST_F(Options, FailfastFailsAtOnceWhenAllAreDown) {
  ScriptedUpstream dead(silence);
  use({dead.address()}, {.fail_fast = true});
  submit(QuerySpec{});
  run_until([&] { return dead.seen().size() == 1; });
  pass(milliseconds(4400));
  const auto asked = submit({.name = "next.example.com"});
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_EQ(asked->error, "no healthy proxies");
  dead.follow(answer);
  // Until a probe was answered; the failure of one of these questions is forgotten after a second.
  run_until([&] {
    pass(milliseconds(1001));
    return ask({.name = "later.example.com"}).answers() == 1;
  });
}

TEST_F(Options, MaxConcurrentRefusesAboveTheLimit) {
  ScriptedUpstream upstream(answer_after(milliseconds(50)));
  use({upstream.address()}, {.max_concurrent = 2});
  const auto one = submit({.name = "a"});
  const auto two = submit({.name = "b"});
  const auto joined = submit({.name = "b", .id = 7});
  const auto refused = submit({.name = "c"});
  EXPECT_EQ(refused->outcomes, 1);
  EXPECT_EQ(refused->code, 5);
  EXPECT_EQ(refused->error, "concurrent queries exceeded maximum 2");
  run_until([&] { return forwarder->in_flight() == 0; });
  EXPECT_EQ(one->answers() + two->answers() + joined->answers(), 3U);
  EXPECT_EQ(ask({.name = "c"}).answers(), 1U);
}

TEST_F(Options, FailoverAsksTheOthersAndTellsTheBest) {
  ScriptedUpstream first(fail_with(3));
  ScriptedUpstream second(answer);
  use({first.address(), second.address()}, {.failover = {3}});
  EXPECT_EQ(ask().answers(), 1U);
  second.follow(fail_with(2));
  EXPECT_EQ(ask({.name = "other.example.com"}).rcode(), 3);
}

TEST_F(Options, SourceAddressIsWhereQueriesComeFrom) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    return Reaction{.messages = {query.is_tcp ? make_reply(query, 9) : make_reply(query, 0, wire::flag::TC)}};
  });
  use({upstream.address()}, {.source_address = IpAddress::parse("127.0.0.77")});
  EXPECT_EQ(ask().answers(), 9U);
  EXPECT_THAT(upstream.seen(), Each(Field(&SeenQuery::source, "127.0.0.77")));
}

TEST_F(Options, ASourceAddressThatIsNotOursFails) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()}, {.source_address = IpAddress::parse("192.0.2.1")});
  EXPECT_THAT(ask().error, HasSubstr("cannot assign requested address"));
}

}  // namespace
}  // namespace meshdns::forward
