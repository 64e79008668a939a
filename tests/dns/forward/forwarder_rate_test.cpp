// `max_rate`: what an upstream is sent at most, and what becomes of the questions that have to wait.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::fail_with;
using support::make_reply;
using support::Reaction;
using support::silence;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Rate : public ForwarderTest {
 protected:
  std::vector<std::shared_ptr<Asked>> submit_many(int count) {
    std::vector<std::shared_ptr<Asked>> all;
    for (int i = 0; i < count; ++i) {
      const std::string name = "n" + std::to_string(++names_) + ".example.com";
      all.push_back(submit({.name = name}));
    }
    return all;
  }

  static auto answered(const std::vector<std::shared_ptr<Asked>>& all) {
    return std::ranges::count_if(all, [](const auto& asked) { return asked->answers() == 1; });
  }

  // Until an upstream that answers has been heard. What is on its way is no longer under way then.
  void expect_answered(const std::vector<std::shared_ptr<Asked>>& all, std::ptrdiff_t count) {
    run_until([&] { return answered(all) >= count; });
    EXPECT_EQ(answered(all), count);
  }

  std::uint64_t held_back(const SocketAddress& upstream) const {
    Status status;
    forwarder->add_to(status);
    return std::ranges::find(status.upstreams, upstream, &UpstreamStatus::address)->held_back;
  }

 private:
  int names_ = 0;
};

TEST_F(Rate, QuestionsAboveTheBurstWaitForTheirTurn) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()}, {.max_rate = {.per_second = 10, .burst = 2}});
  const auto all = submit_many(5);
  expect_answered(all, 2);
  for (int more = 3; more <= 5; ++more) {
    EXPECT_THAT(upstream.seen(), SizeIs(more - 1));
    pass(milliseconds(100));
    expect_answered(all, more);
  }
  EXPECT_EQ(held_back(upstream.address()), 3U);
  EXPECT_EQ(forwarder->in_flight(), 0U);
}

TEST_F(Rate, AnUpstreamWithoutTokensIsPassedOver) {
  ScriptedUpstream first(answer);
  ScriptedUpstream second(answer);
  use({first.address(), second.address()}, {.max_rate = {.per_second = 10, .burst = 2}});
  const auto all = submit_many(5);
  expect_answered(all, 4);
  EXPECT_THAT(first.seen(), SizeIs(2));
  EXPECT_THAT(second.seen(), SizeIs(2));
  pass(milliseconds(100));
  expect_answered(all, 5);
  EXPECT_THAT(first.seen(), SizeIs(3)) << "of two that are free at the same time";
  EXPECT_EQ(held_back(first.address()), 3U);
}

TEST_F(Rate, AQuestionThatCannotBeSentInTimeFailsAndCostsNothing) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()}, {.max_rate = {.per_second = 1, .burst = 1}});
  const auto all = submit_many(50);
  for (int second = 0; second < 5; ++second) {
    expect_answered(all, std::min(second + 1, 5));
    pass(milliseconds(1000));
  }
  EXPECT_EQ(forwarder->in_flight(), 0U) << "every question has ended";
  EXPECT_EQ(std::ranges::count(all, 2, &Asked::code), 45);
  EXPECT_THAT(all.back()->error, HasSubstr("held back by max_rate"));
  EXPECT_THAT(upstream.seen(), SizeIs(5));
  EXPECT_THAT(submit_many(1), SizeIs(1));
  run_until([&] { return upstream.seen().size() == 6; });
}

TEST_F(Rate, RepeatedMessagesAndProbesCount) {
  ScriptedUpstream dead(silence);
  use({dead.address()},
      {.probe = {.interval = milliseconds(100)}, .max_rate = {.per_second = 2, .burst = 1}});
  const auto asked = submit(QuerySpec{});
  for (int step = 0; step < 45; ++step) {
    pass(milliseconds(100));
    loop.restart();
    loop.poll();
  }
  EXPECT_EQ(asked->code, 2);
  EXPECT_LE(counters.upstream_sent.value(), 10U) << "one at once, nine in 4.5 s";
  EXPECT_GE(counters.upstream_sent.value(), 5U);
  run_until([&] { return dead.seen().size() == counters.upstream_sent.value(); });
  EXPECT_GT(held_back(dead.address()), 10U);
}

TEST_F(Rate, TheTcpQuestionAfterATruncatedReplyWaitsToo) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    return Reaction{.messages = {query.is_tcp ? make_reply(query, 9) : make_reply(query, 1, 0x0200)}};
  });
  use({upstream.address()}, {.max_rate = {.per_second = 5, .burst = 1}});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return held_back(upstream.address()) == 1; });
  EXPECT_THAT(upstream.seen(), SizeIs(1));
  pass(milliseconds(200));
  run_until([&] { return asked->outcomes > 0; });
  EXPECT_EQ(asked->answers(), 9U);
}

TEST_F(Rate, AFailureAsksWhoHasATokenNext) {
  ScriptedUpstream broken(fail_with(2));
  ScriptedUpstream live(answer);
  use({broken.address(), live.address()}, {.max_rate = {.per_second = 5, .burst = 1}});
  EXPECT_EQ(ask({.name = "a.example.com"}).answers(), 1U);
  const auto waiting = submit({.name = "b.example.com"});
  EXPECT_EQ(waiting->outcomes, 0);
  pass(milliseconds(200));
  run_until([&] { return waiting->outcomes > 0 || broken.seen().size() == 2; });
  pass(milliseconds(200));
  run_until([&] { return waiting->outcomes > 0; });
  EXPECT_EQ(waiting->answers(), 1U);
}

TEST_F(Rate, WorkersAndPlansShareIt) {
  ScriptedUpstream upstream(answer);
  ServerOptions options{
      .blocks = {{.forward = {{.to = {upstream.address()}, .max_rate = {.per_second = 10, .burst = 2}}}}}};
  const auto plan = std::make_shared<const ForwardPlan>(make_forward_plan(options, {}).value());
  const auto next = std::make_shared<const ForwardPlan>(make_forward_plan(options, {}, plan.get()).value());
  base::Counters counters_of_other;
  Forwarder other(loop, 16, *loops, counters_of_other, log);
  forwarder->use(plan);
  other.use(next);
  const auto mine = submit_many(1);
  const auto packet = support::make_query({.name = "other.example.com"});
  wire::QueryView query;
  wire::parse_query(packet, query);
  int outcomes = 0;
  other.submit(0, query, {}, [&](const Outcome&) { ++outcomes; });
  run_until([&] { return outcomes == 1 && answered(mine) == 1; });
  const auto third = submit_many(1);
  loop.restart();
  loop.poll();
  EXPECT_EQ(third[0]->outcomes, 0);
  pass(milliseconds(100));
  expect_answered(third, 1);
}

TEST_F(Rate, AForwarderMayGoWhileAQuestionWaits) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()}, {.max_rate = {.per_second = 1, .burst = 1}});
  const auto all = submit_many(2);
  expect_answered(all, 1);
  forwarder.reset();
  pass(milliseconds(1000));
  EXPECT_EQ(all[1]->outcomes, 0) << "nobody is left to tell it";
  EXPECT_THAT(upstream.seen(), SizeIs(1));
}

}  // namespace
}  // namespace meshdns::forward
