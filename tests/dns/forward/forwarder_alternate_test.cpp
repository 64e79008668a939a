// Who is asked when a forward does not know: `alternate` and `next`.
#include <string_view>

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
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;

constexpr std::uint16_t kTxt = 16;
constexpr std::uint16_t kAaaa = 28;
constexpr std::uint16_t kEveryFailure[] = {1, 2, 3, 4, 5};

// What Kuma's data plane has behind CoreDNS: one name with an IPv4 address.
Reaction envoy(const SeenQuery& query) {
  const bool is_address = query.question() == "backend.mesh 1";
  const bool is_unknown_type = query.question().ends_with(" 16");
  const std::uint16_t rcode = is_address ? 0 : is_unknown_type ? 4 : 3;
  return {.messages = {make_reply(query, is_address ? 1 : 0, rcode)}};
}

class Alternate : public ForwarderTest {
 protected:
  void use_alternate(const SocketAddress& first, std::vector<std::uint16_t> rcodes,
                     std::vector<UpstreamSource> second, ForwardOptions options = {}) {
    options.to = {first};
    use_block({.forward = {std::move(options)},
               .alternate = {{.rcodes = std::move(rcodes), .to = std::move(second), .where = {}}}});
  }
  static std::vector<std::uint16_t> every_failure() {
    return {std::begin(kEveryFailure), std::end(kEveryFailure)};
  }
};

class AlternateCode : public Alternate, public ::testing::WithParamInterface<std::uint16_t> {};

TEST_P(AlternateCode, IsWhatTheAlternateIsAskedFor) {
  ScriptedUpstream first(fail_with(GetParam()));
  ScriptedUpstream second(answer);
  use_alternate(first.address(), {GetParam()}, {second.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U);
  EXPECT_EQ(asked.outcomes, 1);
  EXPECT_EQ(forwarder->in_flight(), 0U);
}

TEST_P(AlternateCode, IsPassedOnWithoutARuleForIt) {
  ScriptedUpstream first(fail_with(GetParam()));
  ScriptedUpstream second(answer);
  use_alternate(first.address(), {0, 9}, {second.address()});
  EXPECT_EQ(ask().rcode(), GetParam());
  EXPECT_THAT(second.seen(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Forwarder, AlternateCode, ::testing::ValuesIn(kEveryFailure));

TEST_F(Alternate, OfNoErrorIsAskedAfterAnAnswer) {
  ScriptedUpstream first(answer);
  ScriptedUpstream second(
      [](const SeenQuery& query) { return Reaction{.messages = {make_reply(query, 2)}}; });
  use_alternate(first.address(), {0}, {second.address()});
  EXPECT_EQ(ask().answers(), 2U);
}

TEST_F(Alternate, OfServfailIsAskedAtOnceWhenThePortIsClosed) {
  ScriptedUpstream second(answer);
  use_alternate(closed_port(), {2}, {second.address()});
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U);
  EXPECT_EQ(asked.error, "") << "nobody is told about the first one's";
}

TEST_F(Alternate, HasTwoSecondsWhenTheForwardIsSilent) {
  ScriptedUpstream first(silence);
  ScriptedUpstream second(silence);
  use_alternate(first.address(), {2}, {second.address()});
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(2000));
  EXPECT_THAT(second.seen(), IsEmpty());
  pass(milliseconds(200));
  run_until([&] { return second.seen().size() == 1; });
  pass(milliseconds(2100));
  EXPECT_EQ(asked->outcomes, 0);
  pass(milliseconds(100));
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_FALSE(asked->reply);
  EXPECT_THAT(asked->error, AllOf(HasSubstr(second.address().to_string()), HasSubstr("i/o timeout")));
}

TEST_F(Alternate, SilenceIsWaitedForWhenNobodyFollows) {
  ScriptedUpstream first(silence);
  ScriptedUpstream second(answer);
  use_alternate(first.address(), {3}, {second.address()});
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(4300));
  EXPECT_EQ(asked->outcomes, 0);
  pass(milliseconds(100));
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_THAT(second.seen(), IsEmpty());
}

TEST_F(Alternate, ItsOwnFailureIsTold) {
  ScriptedUpstream first(fail_with(3));
  const SocketAddress dead = closed_port();
  use_alternate(first.address(), {3}, {dead});
  const Asked asked = ask();
  EXPECT_FALSE(asked.reply) << "that the name does not exist is not known";
  EXPECT_THAT(asked.error, HasSubstr(dead.to_string()));
}

TEST_F(Alternate, AsksItsServersInTheirOrder) {
  ScriptedUpstream first(fail_with(3));
  ScriptedUpstream second(answer);
  ScriptedUpstream third(answer);
  use_alternate(first.address(), {3}, {second.address(), third.address()});
  for (int i = 0; i < 20; ++i) {
    ask();
  }
  EXPECT_EQ(second.seen().size(), 20U);
  EXPECT_THAT(third.seen(), IsEmpty());
}

TEST_F(Alternate, MayBeAnotherOneForEachCode) {
  ScriptedUpstream first([](const SeenQuery& query) {
    return fail_with(query.question() == "a 1" ? std::uint16_t{3} : std::uint16_t{5})(query);
  });
  ScriptedUpstream of_nxdomain(answer);
  ScriptedUpstream of_refused(answer);
  use_block({.forward = {{.to = {first.address()}}},
             .alternate = {{.rcodes = {3}, .to = {of_nxdomain.address()}, .where = {}},
                           {.rcodes = {5}, .to = {of_refused.address()}, .where = {}}}});
  ask({.name = "a"});
  ask({.name = "b"});
  EXPECT_THAT(of_nxdomain.questions(), ElementsAre("a 1"));
  EXPECT_THAT(of_refused.questions(), ElementsAre("b 1"));
}

TEST_F(Alternate, OfRefusedIsAskedAboveTheLimitOfTheForward) {
  ScriptedUpstream first(silence);
  ScriptedUpstream second(answer);
  use_alternate(first.address(), {5}, {second.address()}, {.max_concurrent = 1});
  const auto waiting = submit({.name = "a"});
  EXPECT_EQ(ask({.name = "b"}).answers(), 1U);
  EXPECT_EQ(waiting->outcomes, 0);
  EXPECT_THAT(second.questions(), ElementsAre("b 1"));
}

TEST_F(Alternate, IsAskedOnceForAllWhoWait) {
  ScriptedUpstream first(fail_with(3));
  ScriptedUpstream second(answer_after(milliseconds(50)));
  use_alternate(first.address(), {3}, {second.address()});
  std::vector<std::shared_ptr<Asked>> askers;
  for (std::uint16_t id = 0; id < 20; ++id) {
    askers.push_back(submit({.id = id}));
  }
  run_until([&] { return askers.back()->outcomes > 0; });
  for (const auto& asker : askers) {
    EXPECT_EQ(asker->answers(), 1U);
  }
  EXPECT_EQ(second.seen().size(), 1U);
}

TEST_F(Alternate, IsAskedWhenTheForwardLeadsBackToUs) {
  ScriptedUpstream first(silence);
  ScriptedUpstream second(answer);
  use_alternate(first.address(), {2}, {second.address()});
  const auto asked = submit(QuerySpec{});
  run_until([&] { return !first.seen().empty(); });
  const auto looped = submit_packet(first.seen()[0].message);
  EXPECT_EQ(looped->error, "forwarding loop");
  run_until([&] { return asked->outcomes > 0; });
  EXPECT_EQ(asked->answers(), 1U);
}

TEST_F(Alternate, IsNotBelievedToHaveValidatedADenial) {
  ScriptedUpstream first(fail_with(wire::rcode::NXDomain));
  ScriptedUpstream second([](const SeenQuery& query) {
    return Reaction{.messages = {make_reply(query, 0, wire::flag::AD | wire::rcode::NXDomain)}};
  });
  use_alternate(first.address(), {wire::rcode::NXDomain}, {second.address()});
  const Asked asked = ask({.type = kAaaa, .flags = 0x0120});
  EXPECT_EQ(asked.code, wire::rcode::NXDomain);
  EXPECT_FALSE(asked.is_authentic);
}

TEST_F(Alternate, ANameThatTheForwardHasAnAddressOfExists) {
  ScriptedUpstream first(envoy);
  ScriptedUpstream second(fail_with(3));
  use_alternate(first.address(), every_failure(), {second.address()});
  for (const std::uint16_t type : {kAaaa, kTxt}) {
    const Asked asked = ask({.name = "backend.mesh", .type = type});
    EXPECT_EQ(asked.rcode(), 0) << type;
    EXPECT_EQ(asked.answers(), 0U);
    EXPECT_EQ(asked.outcomes, 1);
  }
  EXPECT_EQ(ask({.name = "backend.mesh"}).answers(), 1U);
}

// NXDOMAIN with a SOA of the root, to be kept for a day.
Reaction deny_as_root(const SeenQuery& query) {
  Bytes reply = make_reply(query, 0, 3 | wire::flag::AA);
  const Bytes soa{0, 0, 6, 0, 1, 0, 1, 0x51, 0x80, 0, 22, 0, 0, 0, 0,    0,   1,
                  0, 0, 0, 1, 0, 0, 0, 1,    0,    0, 0,  1, 0, 1, 0x51, 0x80};
  reply.insert(reply.end(), soa.begin(), soa.end());
  reply[9] = 1;
  return {.messages = {reply}};
}

// RFC 2308 5: without a SOA clients cannot cache it, and ask again and again.
TEST_F(Alternate, ANameThatExistsHasTheSoaOfTheDenialForAShortTime) {
  ScriptedUpstream first(envoy);
  ScriptedUpstream second(deny_as_root);
  use_alternate(first.address(), every_failure(), {second.address()});
  const Asked asked = ask({.name = "backend.mesh", .type = kAaaa});
  EXPECT_EQ(asked.rcode(), 0);
  ASSERT_TRUE(asked.reply);
  const Bytes& reply = *asked.reply;
  EXPECT_EQ(wire::load16(&reply[2]) & wire::flag::AA, 0);
  EXPECT_EQ(wire::load16(&reply[6]), 0) << "answers";
  ASSERT_EQ(wire::load16(&reply[8]), 1) << "authority";
  const std::size_t soa = wire::kHeaderSize + std::string_view("backend.mesh").size() + 2 + 4;
  EXPECT_EQ(wire::load16(&reply[soa + 1]), wire::type::SOA);
  EXPECT_EQ(wire::load32(&reply[soa + 5]), 5U) << "the root does not know when the mesh gets an address";

  const Asked unknown = ask({.name = "nobody.mesh", .type = kAaaa});
  ASSERT_TRUE(unknown.reply);
  EXPECT_EQ(unknown.rcode(), 3);
  EXPECT_EQ(wire::load32(&(*unknown.reply)[soa - 1 + 5]), 86400U) << "what is passed on stays as it is";
}

TEST_F(Alternate, ANameThatNobodyHasDoesNotExist) {
  ScriptedUpstream first(envoy);
  ScriptedUpstream second(fail_with(3));
  use_alternate(first.address(), every_failure(), {second.address()});
  for (const std::uint16_t type : {std::uint16_t{1}, kAaaa, kTxt}) {
    EXPECT_EQ(ask({.name = "nobody.example.com", .type = type}).rcode(), 3) << type;
  }
}

TEST_F(Alternate, WhatTheAlternateHasOfANameIsPassedOn) {
  ScriptedUpstream first(envoy);
  ScriptedUpstream second(answer);
  use_alternate(first.address(), every_failure(), {second.address()});
  EXPECT_EQ(ask({.name = "backend.mesh", .type = kTxt}).answers(), 1U);
  EXPECT_THAT(first.questions(), ElementsAre("backend.mesh 16")) << "nothing to find out";
}

TEST_F(Alternate, WhetherANameExistsIsFoundOutWithinTheSameTime) {
  bool denies = true;
  ScriptedUpstream first([&](const SeenQuery& query) {
    return std::exchange(denies, false) ? fail_with(3)(query) : silence(query);
  });
  ScriptedUpstream second(fail_with(3));
  use_alternate(first.address(), {3}, {second.address()});
  const auto asked = submit({.type = kAaaa});
  run_until([&] { return first.seen().size() == 2; });
  pass(milliseconds(4400));
  EXPECT_EQ(asked->rcode(), 3);
}

class Next : public ForwarderTest {
 protected:
  void use_two(ForwardOptions first_options, const SocketAddress& first, const SocketAddress& second,
               std::vector<AlternateOptions> alternates = {}) {
    first_options.to = {first};
    use_block({.forward = {std::move(first_options), {.to = {second}}}, .alternate = std::move(alternates)});
  }
};

TEST_F(Next, AsksTheNextForwardOfTheBlock) {
  ScriptedUpstream first(fail_with(3));
  ScriptedUpstream second(answer);
  use_two({.next = {3}}, first.address(), second.address());
  EXPECT_EQ(ask().answers(), 1U);
}

TEST_F(Next, IsNotAskedWithoutTheOption) {
  ScriptedUpstream first(fail_with(3));
  ScriptedUpstream second(answer);
  use_two({.next = {5}}, first.address(), second.address());
  EXPECT_EQ(ask().rcode(), 3);
  EXPECT_THAT(second.seen(), IsEmpty());
}

TEST_F(Next, PassesTheAnswerOnWhereNoForwardFollows) {
  ScriptedUpstream first(fail_with(3));
  use({first.address()}, {.next = {3}});
  EXPECT_EQ(ask().rcode(), 3);
}

TEST_F(Next, LeavesOutForwardsThatDoNotCoverTheName) {
  ScriptedUpstream first(fail_with(3));
  ScriptedUpstream other(answer);
  ScriptedUpstream last([](const SeenQuery& query) { return Reaction{.messages = {make_reply(query, 2)}}; });
  use_block({.forward = {{.to = {first.address()}, .next = {3}},
                         {.from = *DomainName::parse("org"), .to = {other.address()}},
                         {.to = {other.address()}, .except = {*DomainName::parse("example.com")}},
                         {.to = {last.address()}}}});
  EXPECT_EQ(ask().answers(), 2U);
  EXPECT_THAT(other.seen(), IsEmpty());
}

TEST_F(Next, OnNodataAsksWhenThereIsNoAnswer) {
  ScriptedUpstream first([](const SeenQuery& query) {
    return Reaction{.messages = {make_reply(query, query.question().ends_with(" 1") ? 1 : 0)}};
  });
  ScriptedUpstream second(
      [](const SeenQuery& query) { return Reaction{.messages = {make_reply(query, 2)}}; });
  use_two({.next_on_nodata = true}, first.address(), second.address());
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_EQ(ask({.type = kAaaa}).answers(), 2U);
}

TEST_F(Next, AndTheAlternateShareTheTime) {
  ScriptedUpstream first(silence);
  ScriptedUpstream second(silence);
  ScriptedUpstream third(silence);
  use_two({.next = {2}}, first.address(), second.address(),
          {{.rcodes = {2}, .to = {third.address()}, .where = {}}});
  const auto asked = submit(QuerySpec{});
  pass(milliseconds(2200));
  run_until([&] { return second.seen().size() == 1; });
  EXPECT_THAT(third.seen(), IsEmpty());
  pass(milliseconds(1100));
  run_until([&] { return third.seen().size() == 1; });
  pass(milliseconds(1000));
  EXPECT_EQ(asked->outcomes, 0);
  pass(milliseconds(100));
  EXPECT_EQ(asked->outcomes, 1);
}

}  // namespace
}  // namespace meshdns::forward
