// Upstreams that lie, break off, or have no TCP.
#include <gmock/gmock.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::make_reply;
using support::Reaction;
using support::silence;

Reaction say(std::vector<Bytes> messages) {
  return {.messages = std::move(messages)};
}

using Hostile = ForwarderTest;

TEST_F(Hostile, WrongIdIsIgnoredAndTheRightReplyTaken) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    Bytes lie = make_reply(query, 5);
    lie[1] ^= 1;
    return say({lie, lie, make_reply(query, 1)});
  });
  use({upstream.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U);
  EXPECT_EQ(counters.upstream_mismatched.value(), 2U);
}

TEST_F(Hostile, WrongQuestionIsIgnoredAndTheRightReplyTaken) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    Bytes other_name = make_reply(query, 5);
    other_name[13] ^= 1;
    Bytes other_type = make_reply(query, 5);
    other_type[12 + query.question_size() - 3] = 28;
    Bytes no_question = make_reply(query, 0);
    no_question[5] = 0;
    no_question.resize(12);
    Bytes a_query = query.message;
    return say({other_name, other_type, no_question, a_query, make_reply(query, 1)});
  });
  use({upstream.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U);
  EXPECT_EQ(counters.upstream_mismatched.value(), 4U);
  EXPECT_EQ(upstream.seen().size(), 1U);
}

TEST_F(Hostile, GarbageDoesNotDisturbOtherQuestionsOnTheSocket) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    return say({Bytes{}, Bytes{1, 2, 3}, Bytes(4096, 0xff), Bytes(12, 0), make_reply(query, 1)});
  });
  use({upstream.address()});
  std::vector<std::shared_ptr<Asked>> askers;
  for (std::uint16_t type = 1; type <= 40; ++type) {
    askers.push_back(submit({.type = type == 41 ? std::uint16_t{1} : type}));
  }
  run_until([&] { return forwarder->in_flight() == 0; });
  for (const auto& asker : askers) {
    EXPECT_EQ(asker->answers(), 1U);
  }
  EXPECT_EQ(upstream.seen().size(), 40U);
}

TEST_F(Hostile, AMalformedReplyMovesOnToTheNextUpstream) {
  ScriptedUpstream broken([](const SeenQuery& query) {
    Bytes cut = make_reply(query, 3);
    cut.resize(cut.size() - 5);
    return say({cut});
  });
  ScriptedUpstream good(answer);
  use({broken.address(), good.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U);
  EXPECT_EQ(counters.upstream_malformed.value(), 1U);
}

TEST_F(Hostile, DuplicatedRepliesEndAQuestionOnce) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    const Bytes reply = make_reply(query, 1);
    return say({reply, reply, reply});
  });
  use({upstream.address()});
  EXPECT_EQ(ask().outcomes, 1);
  EXPECT_EQ(ask().answers(), 1U);
}

TEST_F(Hostile, ALargeUdpReplyArrivesWhole) {
  for (const std::uint16_t addresses : std::initializer_list<std::uint16_t>{40, 300, 4000}) {
    ScriptedUpstream upstream([&](const SeenQuery& query) { return say({make_reply(query, addresses)}); });
    use({upstream.address()});
    const Asked asked = ask();
    EXPECT_EQ(asked.answers(), addresses);
    EXPECT_EQ(asked.reply ? asked.reply->size() : 0, 12U + 21U + 16U * addresses);
  }
}

TEST_F(Hostile, ATruncatedReplyIsFetchedByTcp) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    return say({query.is_tcp ? make_reply(query, 150) : make_reply(query, 2, wire::flag::TC)});
  });
  use({upstream.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 150U);
  EXPECT_FALSE(asked.is_truncated());
  EXPECT_EQ(counters.upstream_tcp.value(), 1U);
}

TEST_F(Hostile, ATruncatedReplyThatEndsWithinARecordIsFetchedByTcp) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    if (query.is_tcp) {
      return say({make_reply(query, 3000)});
    }
    Bytes cut = make_reply(query, 3, wire::flag::TC);
    cut.resize(cut.size() - 5);
    return say({cut});
  });
  use({upstream.address()});
  EXPECT_EQ(ask().answers(), 3000U);
}

TEST_F(Hostile, WithoutTcpTheTruncatedReplyIsBetterThanNone) {
  ScriptedUpstream upstream(
      [](const SeenQuery& query) { return say({make_reply(query, 2, wire::flag::TC)}); }, false);
  use({upstream.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 2U);
  EXPECT_TRUE(asked.is_truncated());
}

class TcpFault : public ForwarderTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(TcpFault, LeavesTheTruncatedReply) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    if (!query.is_tcp) {
      return say({make_reply(query, 2, wire::flag::TC)});
    }
    return Reaction{.messages = {make_reply(query, 150)}, .reset_after = GetParam()};
  });
  use({upstream.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 2U);
  EXPECT_TRUE(asked.is_truncated());
}

INSTANTIATE_TEST_SUITE_P(ResetAfterOctets, TcpFault, ::testing::Values(0, 1, 2, 100));

TEST_F(Hostile, TcpThatStaysSilentIsNotWaitedForLongerThanTwoSeconds) {
  ScriptedUpstream upstream([](const SeenQuery& query) {
    return query.is_tcp ? Reaction{} : say({make_reply(query, 2, wire::flag::TC)});
  });
  use({upstream.address()});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return upstream.seen().size() == 2; });
  pass(milliseconds(1900));
  EXPECT_EQ(asked->outcomes, 0);
  pass(milliseconds(100));
  EXPECT_TRUE(asked->is_truncated());
}

TEST_F(Hostile, OurOwnQueryComingBackFailsEverybodyWhoWaitsForIt) {
  ScriptedUpstream upstream(silence);
  use({upstream.address()});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return !upstream.seen().empty(); });
  const auto looped = submit_packet(upstream.seen()[0].message);
  EXPECT_EQ(looped->outcomes, 1);
  EXPECT_EQ(looped->error, "forwarding loop");
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_EQ(asked->error, "forwarding loop");
  EXPECT_EQ(counters.loops_detected.value(), 1U);
  EXPECT_EQ(upstream.seen().size(), 1U);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], ::testing::HasSubstr("www.example.com"));
}

}  // namespace
}  // namespace meshdns::forward
