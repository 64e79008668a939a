// Everything that an upstream may do wrong, alone and beside one that does right.
#include <ostream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gmock/gmock.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::answer_after;
using support::fail_with;
using support::make_reply;
using support::Reaction;
using support::silence;

constexpr std::uint16_t kGood = 7;  // addresses in the reply of the upstream that does right

Reaction say(std::vector<Bytes> messages) {
  return {.messages = std::move(messages)};
}

Reaction lie_about_id(const SeenQuery& query) {
  Bytes reply = make_reply(query, 1);
  reply[0] ^= 1;
  return say({reply});
}

Reaction lie_about_question(const SeenQuery& query) {
  Bytes reply = make_reply(query, 1);
  reply[13] ^= 1;
  return say({reply});
}

// The right reply, from another port than the one that was asked.
Reaction lie_about_address(const SeenQuery& query) {
  namespace asio = boost::asio;
  asio::io_context loop;
  asio::ip::udp::socket other(loop, {asio::ip::make_address("127.0.0.1"), 0});
  boost::system::error_code ignored;
  other.send_to(asio::buffer(make_reply(query, 1)), {asio::ip::make_address("127.0.0.1"), query.source_port},
                0, ignored);
  return {};
}

Reaction truncate_everything(const SeenQuery& query) {
  return say({make_reply(query, 0, wire::flag::TC)});
}

Reaction break_off(const SeenQuery& query) {
  Bytes reply = make_reply(query, 3);
  reply.resize(reply.size() - 5);
  return say({reply});
}

// Whoever follows the pointers of this owner name never comes back.
Reaction go_in_circles(const SeenQuery& query) {
  Bytes reply = make_reply(query, 1);
  reply[reply.size() - 15] = static_cast<std::uint8_t>(reply.size() - 16);
  return say({reply});
}

Reaction duplicate(const SeenQuery& query) {
  const Bytes reply = make_reply(query, 1);
  return say({reply, reply, reply, reply});
}

Reaction flood(const SeenQuery& query) {
  std::vector<Bytes> messages(200, make_reply(query, 5));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    messages[i][i % 2] ^= static_cast<std::uint8_t>(i + 1);
  }
  messages.push_back(make_reply(query, 1));
  return say(std::move(messages));
}

Reaction reset_tcp(const SeenQuery& query) {
  return query.is_tcp ? Reaction{.messages = {make_reply(query, 150)}, .reset_after = 100}
                      : truncate_everything(query);
}

Reaction dribble(const SeenQuery& query) {
  return query.is_tcp ? Reaction{.messages = {make_reply(query, 150)}, .byte_by_byte = true}
                      : truncate_everything(query);
}

// What a client gets from the pool.
struct Told {
  int rcode = -1;  // none: no reply, SERVFAIL
  std::size_t answers = 0;
  bool is_truncated = false;

  bool operator==(const Told&) const = default;
};

void PrintTo(const Told& told, std::ostream* out) {
  *out << "rcode " << told.rcode << ", " << told.answers << " answers" << (told.is_truncated ? ", TC" : "");
}

constexpr Told kNothing{};
constexpr Told kOneAnswer{.rcode = 0, .answers = 1};
constexpr Told kGoodAnswer{.rcode = 0, .answers = kGood};
constexpr Told kTruncated{.rcode = 0, .answers = 0, .is_truncated = true};

struct Scenario {
  const char* name;
  ScriptedUpstream::Script script;
  Told alone;
  Told beside_good = kGoodAnswer;
  bool has_tcp = true;
};

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name;
}

class Adversary : public ForwarderTest, public ::testing::WithParamInterface<Scenario> {
 protected:
  Told outcome() {
    const auto asked = submit(QuerySpec{});
    for (milliseconds passed{0}; passed < kDeadline && asked->outcomes == 0; passed += milliseconds(100)) {
      loop.restart();
      loop.run_for(milliseconds(20));
      pass(milliseconds(100));
    }
    loop.restart();
    loop.run_for(milliseconds(5));
    EXPECT_EQ(asked->outcomes, 1) << "not in time, or more than once";
    EXPECT_EQ(forwarder->in_flight(), 0U);
    return {.rcode = asked->rcode(), .answers = asked->answers(), .is_truncated = asked->is_truncated()};
  }

  ScriptedUpstream bad{GetParam().script, GetParam().has_tcp};
  ScriptedUpstream good{[](const SeenQuery& query) { return say({make_reply(query, kGood)}); }};
};

TEST_P(Adversary, Alone) {
  use({bad.address()});
  EXPECT_EQ(outcome(), GetParam().alone);
}

TEST_P(Adversary, BesideOneThatDoesRight) {
  use({bad.address(), good.address()});
  EXPECT_EQ(outcome(), GetParam().beside_good);
}

TEST_P(Adversary, DoesNotDisturbTheNextQuestions) {
  use({bad.address(), good.address()});
  outcome();
  bad.follow(answer);
  for (const char* name : {"a", "b", "c"}) {
    const Asked asked = ask({.name = name});
    EXPECT_EQ(asked.rcode(), 0);
    EXPECT_GE(asked.answers(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Upstream, Adversary,
    ::testing::Values(
        Scenario{"Silent", silence, kNothing},
        Scenario{"Slow", answer_after(milliseconds(60)), kOneAnswer, kOneAnswer},
        Scenario{"ServFail", fail_with(2), {.rcode = 2}}, Scenario{"Refused", fail_with(5), {.rcode = 5}},
        Scenario{"NotImp", fail_with(4), {.rcode = 4}}, Scenario{"LyingId", lie_about_id, kNothing},
        Scenario{"LyingQuestion", lie_about_question, kNothing},
        Scenario{"LyingAddress", lie_about_address, kNothing},
        Scenario{"OnlyTruncated", truncate_everything, kTruncated, kTruncated},
        Scenario{"NoTcp", truncate_everything, kTruncated, kGoodAnswer, false},
        Scenario{"BrokenOff", break_off, kNothing}, Scenario{"GoingInCircles", go_in_circles, kNothing},
        Scenario{"Oversized",
                 [](const SeenQuery& query) { return say({make_reply(query, 4000)}); },
                 {.rcode = 0, .answers = 4000},
                 {.rcode = 0, .answers = 4000}},
        Scenario{"Duplicated", duplicate, kOneAnswer, kOneAnswer},
        Scenario{"SpoofFlood", flood, kOneAnswer, kOneAnswer}, Scenario{"TcpReset", reset_tcp, kTruncated},
        Scenario{"TcpByteByByte", dribble, {.rcode = 0, .answers = 150}, {.rcode = 0, .answers = 150}}),
    [](const auto& param) { return param.param.name; });

TEST_F(ForwarderTest, ReorderedRepliesReachTheirQuestions) {
  constexpr std::uint16_t kQuestions = 40;  // more than there are sockets
  // The sooner a question came, the later it is answered; its type says how.
  ScriptedUpstream upstream([](const SeenQuery& query) {
    const auto type = static_cast<std::uint16_t>(query.message[query.message.size() - 11 - 3]);
    return Reaction{.messages = {make_reply(query, type)}, .delay = milliseconds(2 * (kQuestions - type))};
  });
  use({upstream.address()});
  std::vector<std::shared_ptr<Asked>> askers;
  for (std::uint16_t type = 1; type <= kQuestions; ++type) {
    askers.push_back(submit({.type = type}));
  }
  run_until([&] { return forwarder->in_flight() == 0; });
  for (std::uint16_t type = 1; type <= kQuestions; ++type) {
    EXPECT_EQ(askers[type - 1U]->answers(), type);
  }
  EXPECT_EQ(counters.upstream_sent.value(), kQuestions);
}

}  // namespace
}  // namespace meshdns::forward
