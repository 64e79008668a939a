#include "dns/forward/forwarder.hpp"

#include <set>

#include <gmock/gmock.h>

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
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(ForwarderTest, PassesOnWhatTheUpstreamAnswers) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.rcode(), 0);
  EXPECT_EQ(asked.answers(), 1U);
  EXPECT_EQ(asked.outcomes, 1);
  EXPECT_EQ(forwarder->in_flight(), 0U);
  EXPECT_EQ(counters.forwarded.value(), 1U);
  EXPECT_EQ(counters.upstream_sent.value(), 1U);
  EXPECT_EQ(counters.upstream_replies.value(), 1U);
}

TEST_F(ForwarderTest, AsksTheNextUpstreamAfterSilenceAndRemembersTheSilentOne) {
  ScriptedUpstream dead(silence);
  ScriptedUpstream live(answer);
  use({dead.address(), live.address()});
  const auto first = submit(QuerySpec{});
  run_until([&] { return dead.seen().size() == 1; });
  pass(milliseconds(300));
  EXPECT_EQ(counters.upstream_sent.value(), 1U);
  pass(milliseconds(100));
  run_until([&] { return first->outcomes > 0; });
  EXPECT_EQ(first->answers(), 1U);
  EXPECT_EQ(counters.upstream_timeouts.value(), 1U);

  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_EQ(dead.seen().size(), 1U);
}

TEST_F(ForwarderTest, AServerThatComesBackTakesQueriesAgain) {
  ScriptedUpstream first(silence);
  ScriptedUpstream second(answer);
  use({first.address(), second.address()});
  const auto early = submit(QuerySpec{});
  run_until([&] { return first.seen().size() == 1; });
  pass(milliseconds(400));
  run_until([&] { return early->outcomes > 0; });
  first.follow(answer);
  ask();
  EXPECT_EQ(first.seen().size(), 1U);
  pass(milliseconds(1000));
  // A probe finds the first server alive.
  run_until([&] {
    const std::size_t before = second.seen().size();
    EXPECT_EQ(ask().answers(), 1U);
    return second.seen().size() == before;
  });
}

TEST_F(ForwarderTest, FailsBeforeTheStubGivesUpWhenAllAreSilent) {
  ScriptedUpstream one(silence);
  ScriptedUpstream two(silence);
  use({one.address(), two.address()}, {.probe = {.interval = milliseconds(0)}});
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(4300));
  EXPECT_EQ(asked->outcomes, 0);
  pass(milliseconds(100));
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_FALSE(asked->reply);
  EXPECT_THAT(asked->error, AllOf(HasSubstr("read udp 127.0.0.1:"), HasSubstr(": i/o timeout")));
  run_until([&] { return one.seen().size() == 3 && two.seen().size() == 2; });
  EXPECT_EQ(counters.upstream_timeouts.value(), 5U);
}

TEST_F(ForwarderTest, DeliversASlowAnswerToTheFirstMessage) {
  bool is_first = true;
  ScriptedUpstream slow([&](const SeenQuery& query) {
    return std::exchange(is_first, false) ? answer_after(milliseconds(200))(query) : Reaction{};
  });
  use({slow.address()});
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(4300));
  run_until([&] { return asked->outcomes > 0; });
  EXPECT_EQ(asked->answers(), 1U);
}

TEST_F(ForwarderTest, RepeatsWithAnotherIdFromAnotherSocket) {
  ScriptedUpstream upstream(
      [count = 0](const SeenQuery& query) mutable { return ++count == 3 ? answer(query) : Reaction{}; });
  use({upstream.address()});
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(800));
  run_until([&] { return asked->outcomes > 0; });
  EXPECT_EQ(asked->answers(), 1U);
  std::set<std::uint16_t> ids;
  std::set<std::uint16_t> ports;
  for (const SeenQuery& query : upstream.seen()) {
    ids.insert(query.id());
    ports.insert(query.source_port);
  }
  EXPECT_EQ(ids.size(), 3U);
  EXPECT_EQ(ports.size(), 3U);
}

TEST_F(ForwarderTest, AClosedPortCostsNoTime) {
  ScriptedUpstream live(answer);
  use({closed_port(), live.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U);
  EXPECT_EQ(counters.upstream_errors.value(), 1U);
}

TEST_F(ForwarderTest, FailsAtOnceWhenEveryPortIsClosed) {
  use({closed_port(), closed_port()});
  const Asked asked = ask();
  EXPECT_FALSE(asked.reply);
  EXPECT_THAT(asked.error, HasSubstr("connection refused"));
}

TEST_F(ForwarderTest, FailsAtOnceWithoutAnyUpstream) {
  use({});
  const auto asked = submit(QuerySpec{});
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_EQ(asked->error, "no upstream");
}

struct Codes {
  std::uint16_t first;
  std::uint16_t second;
  int told;
};

class BestCode : public ForwarderTest, public ::testing::WithParamInterface<Codes> {};

TEST_P(BestCode, OfAllUpstreamsIsTold) {
  ScriptedUpstream first(fail_with(GetParam().first));
  ScriptedUpstream second(fail_with(GetParam().second));
  use({first.address(), second.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.rcode(), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(Forwarder, BestCode,
                         ::testing::Values(Codes{2, 0, 0}, Codes{2, 3, 3}, Codes{5, 2, 2}, Codes{2, 5, 2},
                                           Codes{4, 5, 5}, Codes{1, 3, 3}, Codes{2, 2, 2}, Codes{3, 0, 3},
                                           Codes{0, 3, 0}, Codes{9, 5, 5}));

TEST_F(ForwarderTest, AnErrorIsToldInTimeAlthoughTheOtherUpstreamIsSilent) {
  ScriptedUpstream failing(fail_with(2));
  ScriptedUpstream dead(silence);
  use({failing.address(), dead.address()});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return !dead.seen().empty(); });
  pass(milliseconds(1900));
  EXPECT_EQ(asked->outcomes, 0);
  pass(milliseconds(100));
  EXPECT_EQ(asked->rcode(), 2);
}

class DislikesEdns : public ForwarderTest, public ::testing::WithParamInterface<std::uint16_t> {};

TEST_P(DislikesEdns, IsAskedOnceMoreWithoutOpt) {
  ScriptedUpstream old(
      [](const SeenQuery& query) { return query.has_opt() ? fail_with(GetParam())(query) : answer(query); });
  use({old.address()});
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_EQ(old.seen().size(), 2U);
  EXPECT_EQ(ask({.name = "other.example.com"}).answers(), 1U);
  EXPECT_TRUE(old.seen().at(2).has_opt()) << "a server that has changed its mind is not held to the old one";
}

INSTANTIATE_TEST_SUITE_P(Forwarder, DislikesEdns, ::testing::Values(1, 4));

TEST_F(ForwarderTest, AnErrorWithoutQuestionCountsAsAReply) {
  ScriptedUpstream old([](const SeenQuery& query) {
    if (query.has_opt()) {
      Bytes header = make_reply(query, 0, 1);
      header.resize(12);
      header[5] = 0;
      return Reaction{.messages = {header}};
    }
    return answer(query);
  });
  use({old.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U);
}

TEST_F(ForwarderTest, IdenticalQuestionsAreAskedOnce) {
  ScriptedUpstream upstream(answer_after(milliseconds(100)));
  use({upstream.address()});
  std::vector<std::shared_ptr<Asked>> askers;
  for (std::uint16_t id = 0; id < 50; ++id) {
    askers.push_back(submit({.name = id % 2 == 0 ? "WWW.example.com" : "www.EXAMPLE.com", .id = id}));
  }
  EXPECT_EQ(forwarder->in_flight(), 1U);
  run_until([&] { return askers.back()->outcomes > 0; });
  for (const auto& asker : askers) {
    EXPECT_EQ(asker->outcomes, 1);
    EXPECT_EQ(asker->answers(), 1U);
  }
  EXPECT_EQ(upstream.seen().size(), 1U);
  EXPECT_EQ(counters.coalesced.value(), 49U);
}

TEST_F(ForwarderTest, QuestionsThatDifferInWhatTheyAskForAreAskedApart) {
  ScriptedUpstream upstream(answer_after(milliseconds(50)));
  use({upstream.address()});
  const std::vector<std::shared_ptr<Asked>> askers{
      submit(QuerySpec{}),
      submit({.type = 28}),
      submit({.qclass = 3}),
      submit({.flags = 0x0110}),
      submit({.flags = 0x0120}),
      submit({.flags = 0}),
      submit({.with_opt = true, .dnssec_ok = true}),
  };
  EXPECT_EQ(forwarder->in_flight(), askers.size());
  run_until([&] { return forwarder->in_flight() == 0; });
  EXPECT_EQ(upstream.seen().size(), askers.size());
}

TEST_F(ForwarderTest, WhatTheClientAskedForReachesTheUpstreamAndNothingElse) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  // Cookie, client subnet and a local option stay here.
  const Bytes options{0, 10, 0, 8, 1,  2, 3,   4, 5, 6,    7,    8, 0, 8,
                      0, 7,  0, 1, 24, 0, 192, 0, 2, 0xfd, 0xe9, 0, 1, 9};
  ask({.name = "MiXeD.example.com",
       .type = 65280,
       .qclass = 3,
       .flags = 0x0130,
       .with_opt = true,
       .dnssec_ok = true,
       .opt_options = options});
  const auto seen = upstream.seen();
  ASSERT_EQ(seen.size(), 1U);
  Bytes expected = support::make_query({.name = "MiXeD.example.com",
                                        .type = 65280,
                                        .qclass = 3,
                                        .id = seen[0].id(),
                                        .flags = 0x0130,
                                        .with_opt = true,
                                        .dnssec_ok = true});
  const std::size_t payload = expected.size() - 8;
  expected[payload] = 1232 >> 8;
  expected[payload + 1] = 1232 & 0xff;
  EXPECT_EQ(seen[0].message, expected);
}

TEST_F(ForwarderTest, AsksForTheLongestNameAndForTheRoot) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  const std::string label(63, 'x');
  EXPECT_EQ(ask({.name = label + '.' + label + '.' + label + '.' + std::string(61, 'y')}).answers(), 1U);
  EXPECT_EQ(ask({.name = ""}).answers(), 1U);
  EXPECT_EQ(ask({.name = std::string_view("\0\x01 \"\\;\xff.com", 11)}).answers(), 1U);
}

TEST_F(ForwarderTest, RoundRobinSpreadsQuestions) {
  ScriptedUpstream one(answer);
  ScriptedUpstream two(answer);
  use({one.address(), two.address()}, {.policy = ForwardPolicy::RoundRobin});
  for (int i = 0; i < 10; ++i) {
    ask();
  }
  EXPECT_EQ(one.seen().size(), 5U);
  EXPECT_EQ(two.seen().size(), 5U);
}

TEST_F(ForwarderTest, ANewPlanLeavesQuestionsInFlightWhereTheyAre) {
  ScriptedUpstream old(silence);
  ScriptedUpstream now(answer);
  use({old.address()});
  const auto early = submit(QuerySpec{});
  use({now.address()});
  const Asked late = ask();
  EXPECT_EQ(late.answers(), 1U);
  EXPECT_EQ(now.seen().size(), 1U);
  EXPECT_EQ(early->outcomes, 0);
  run_until([&] { return old.seen().size() == 1; });
  old.follow(answer);
  pass(milliseconds(400));
  run_until([&] { return early->outcomes > 0; });
  EXPECT_EQ(early->answers(), 1U);
  EXPECT_EQ(old.seen().size(), 2U);
  EXPECT_EQ(now.seen().size(), 1U);
}

TEST_F(ForwarderTest, ANewPlanKeepsWhatIsKnownAboutServersThatStay) {
  ScriptedUpstream dead(silence);
  ScriptedUpstream live(answer);
  use({dead.address(), live.address()});
  const auto early = submit(QuerySpec{});
  run_until([&] { return dead.seen().size() == 1; });
  pass(milliseconds(400));
  run_until([&] { return early->outcomes > 0; });
  use({dead.address(), live.address()});
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_EQ(dead.seen().size(), 1U);
}

TEST_F(ForwarderTest, QuestionsInFlightAreDroppedWithTheForwarder) {
  ScriptedUpstream dead(silence);
  use({dead.address()});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return !dead.seen().empty(); });
  forwarder.reset();
  loop.restart();
  loop.run_for(milliseconds(50));
  EXPECT_EQ(asked->outcomes, 0);
}

}  // namespace
}  // namespace meshdns::forward
