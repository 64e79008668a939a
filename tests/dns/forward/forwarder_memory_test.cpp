// What a forwarder remembers: failures, upstreams that lead back to us, and how its upstreams fare.
#include <gmock/gmock.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::closed_port;
using support::fail_with;
using support::make_reply;
using support::Reaction;
using support::silence;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;

using Memo = ForwarderTest;

TEST_F(Memo, AFailureIsToldAgainForOneSecondWithoutAsking) {
  ScriptedUpstream upstream(fail_with(2));
  use({upstream.address()});
  EXPECT_EQ(ask().code, 2);
  upstream.follow(answer);
  const auto again = submit({.name = "WWW.example.com", .id = 7});
  EXPECT_EQ(again->outcomes, 1);
  EXPECT_EQ(again->code, 2);
  EXPECT_EQ(counters.failures_remembered.value(), 1U);
  EXPECT_EQ(ask({.type = 28}).answers(), 1U) << "another question";
  pass(milliseconds(1000));
  EXPECT_EQ(ask().answers(), 1U);
}

TEST_F(Memo, KeepsTheReason) {
  use({closed_port()});
  const Asked first = ask();
  const auto again = submit(QuerySpec{});
  EXPECT_EQ(again->error, first.error);
  EXPECT_THAT(again->error, HasSubstr("connection refused"));
}

TEST_F(Memo, OtherCodesAreAskedAgain) {
  ScriptedUpstream upstream(fail_with(3));
  use({upstream.address()});
  EXPECT_EQ(ask().rcode(), 3);
  upstream.follow(answer);
  EXPECT_EQ(ask().answers(), 1U);
}

TEST_F(Memo, IsEmptyUnderANewPlan) {
  ScriptedUpstream upstream(answer);
  use({closed_port()});
  EXPECT_FALSE(ask().reply);
  use({upstream.address()});
  EXPECT_EQ(ask().answers(), 1U);
}

class Loop : public ForwarderTest {
 protected:
  Loop() {
    first.show_loop_probes();
    second.show_loop_probes();
  }
  void use_looping(const std::vector<SocketAddress>& upstreams) {
    use_block({.forward = {{.to = {upstreams.begin(), upstreams.end()}}}}, listening);
  }
  // The last probe that `upstream` got, as another forwarder would send it to us.
  static Bytes probe_of(const ScriptedUpstream& upstream) {
    Bytes probe = upstream.seen().back().message;
    probe[0] ^= 0xff;
    return probe;
  }
  bool is_looping(const ScriptedUpstream& upstream) const {
    Status status;
    forwarder->add_to(status);
    return std::ranges::find(status.upstreams, upstream.address(), &UpstreamStatus::address)->is_looping;
  }

  const std::vector<SocketAddress> listening{*SocketAddress::parse("192.0.2.1", 53)};
  ScriptedUpstream first{fail_with(3)};
  ScriptedUpstream second{answer};
};

TEST_F(Loop, EveryUpstreamIsProbedAtOnceAndEvery30Seconds) {
  use_looping({first.address(), second.address()});
  run_until([&] { return first.seen().size() == 1 && second.seen().size() == 1; });
  EXPECT_THAT(first.seen()[0].question(), HasSubstr("._meshdns-loop 1"));
  EXPECT_NE(first.seen()[0].question(), second.seen()[0].question());
  pass(milliseconds(29'900));
  EXPECT_THAT(first.seen(), SizeIs(1));
  pass(milliseconds(200));
  run_until([&] { return first.seen().size() == 2; });
}

TEST_F(Loop, NobodyIsProbedWhoCannotLeadBack) {
  use({first.address()});
  pass(milliseconds(40'000));
  EXPECT_THAT(first.seen(), IsEmpty());
}

TEST_F(Loop, AnUpstreamThatLeadsBackIsLeftOutUntilItDoesNot) {
  use_looping({first.address(), second.address()});
  run_until([&] { return first.seen().size() == 1; });
  const auto probe = submit_packet(probe_of(first));
  EXPECT_EQ(probe->outcomes, 1);
  EXPECT_EQ(probe->error, "forwarding loop");
  EXPECT_EQ(counters.loops_detected.value(), 1U);
  EXPECT_TRUE(is_looping(first));
  EXPECT_FALSE(is_looping(second));
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr("upstream " + first.address().to_string() + " leads back to this server"));

  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_FALSE(first.questions().contains("www.example.com 1"));

  pass(milliseconds(2000));  // another probe
  run_until([&] { return first.seen().size() == 2; });
  EXPECT_TRUE(is_looping(first));
  pass(milliseconds(2000));  // it did not come back
  EXPECT_FALSE(is_looping(first));
  EXPECT_EQ(ask({.name = "later.example.com"}).rcode(), 3);
}

TEST_F(Loop, WhenAllLeadBackQueriesFailAtOnce) {
  use_looping({first.address()});
  run_until([&] { return first.seen().size() == 1; });
  submit_packet(probe_of(first));
  const auto asked = submit(QuerySpec{});
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_EQ(asked->error, "forwarding loop");
}

TEST_F(Loop, IsLoggedOnceAMinute) {
  use_looping({first.address()});
  run_until([&] { return first.seen().size() == 1; });
  for (int i = 0; i < 10; ++i) {
    submit_packet(probe_of(first));
  }
  EXPECT_EQ(counters.loops_detected.value(), 10U);
  EXPECT_THAT(lines, SizeIs(1));
}

TEST_F(Loop, AProbeOfSomebodyElseIsAQuestionLikeOthers) {
  use_looping({first.address()});
  run_until([&] { return first.seen().size() == 1; });
  EXPECT_EQ(ask({.name = "0123456789abcdef0123456789abcdef._meshdns-loop"}).rcode(), 3);
  EXPECT_FALSE(is_looping(first));
}

class Fares : public ForwarderTest {
 protected:
  UpstreamStatus row(const SocketAddress& address) const {
    Status status;
    forwarder->add_to(status);
    const auto found = std::ranges::find(status.upstreams, address, &UpstreamStatus::address);
    return found == status.upstreams.end() ? UpstreamStatus() : *found;
  }
  static std::uint64_t count(const UpstreamStatus& status, UpstreamFault fault) {
    return status.faults[static_cast<std::size_t>(fault)];
  }
};

TEST_F(Fares, WellWhenItAnswers) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  ask();
  ask();
  const UpstreamStatus status = row(upstream.address());
  EXPECT_EQ(status.proxy_name, "forward");
  EXPECT_FALSE(status.is_down);
  EXPECT_EQ(status.sent, 2U);
  EXPECT_THAT(status.replies, ElementsAre(Key(0)));
  EXPECT_EQ(status.replies.at(0).total(), 2U);
  EXPECT_EQ(status.failures, 0U);
  EXPECT_EQ(status.reuse[0].misses, 2U) << "of the first sixteen queries each has a socket of its own";
}

TEST_F(Fares, BadlyWhenItDoesNot) {
  ScriptedUpstream dead(silence);
  const SocketAddress closed = closed_port();
  use({dead.address(), closed});
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(4400));
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_TRUE(row(dead.address()).is_down);
  EXPECT_GE(count(row(dead.address()), UpstreamFault::Timeout), 3U);
  EXPECT_GE(row(dead.address()).healthcheck_failures, 2U);
  EXPECT_EQ(row(dead.address()).last_error, "timeout");
  EXPECT_EQ(count(row(closed), UpstreamFault::Refused), 1U);
  EXPECT_TRUE(row(closed).is_down);

  submit({.name = "next.example.com"});
  Status status;
  forwarder->add_to(status);
  EXPECT_EQ(status.all_upstreams_down, 1U);
}

TEST_F(Fares, ByItsFaults) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    Bytes lie = make_reply(query, 5);
    lie[1] ^= 1;
    return Reaction{.messages = {lie, query.is_tcp ? make_reply(query, 9) : make_reply(query, 0, 0x0200)}};
  });
  use({upstream.address()});
  EXPECT_EQ(ask().answers(), 9U);
  upstream.follow(fail_with(2));
  ask({.name = "a"});
  const UpstreamStatus status = row(upstream.address());
  EXPECT_GE(count(status, UpstreamFault::Mismatch), 1U);
  EXPECT_EQ(count(status, UpstreamFault::Truncated), 1U);
  EXPECT_EQ(count(status, UpstreamFault::Servfail), 1U);
  EXPECT_EQ(status.reuse[1].misses, 1U);
}

TEST_F(Fares, IsCountedApartAsAlternateAndKeptUnderANewPlan) {
  ScriptedUpstream first(fail_with(3));
  ScriptedUpstream second(answer);
  const BlockOptions block{.forward = {{.to = {first.address()}}},
                           .alternate = {{.rcodes = {3}, .to = {second.address()}, .where = {}}}};
  use_block(block);
  ask();
  use_block(block);
  ask();
  EXPECT_EQ(row(first.address()).proxy_name, "forward");
  EXPECT_EQ(row(second.address()).proxy_name, "alternate");
  EXPECT_EQ(row(second.address()).sent, 2U);
  use({first.address()});
  EXPECT_EQ(row(second.address()).proxy_name, "") << "gone";
}

TEST_F(Fares, RejectsAreCounted) {
  ScriptedUpstream upstream(silence);
  use({upstream.address()}, {.max_concurrent = 1});
  submit({.name = "a"});
  submit({.name = "b"});
  Status status;
  forwarder->add_to(status);
  EXPECT_EQ(status.max_concurrent_rejects, 1U);
}

}  // namespace
}  // namespace meshdns::forward
