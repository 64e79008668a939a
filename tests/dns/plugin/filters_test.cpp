// Directives that change responses: minimal, loadbalance, header, nsid.
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/plugin/header.hpp"
#include "dns/plugin/loadbalance.hpp"
#include "dns/plugin/minimal.hpp"
#include "dns/plugin/nsid.hpp"
#include "dns/wire/edns_options.hpp"
#include "tests/dns/plugin/asked.hpp"
#include "tests/support/made_reply.hpp"

namespace meshdns::plugin {
namespace {

using test::Asked;
using test::MadeReply;
using test::Octets;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

test::Reply filtered(const ResponseFilter& filter, const MadeReply& reply) {
  const Asked asked({.name = "a.example", .edns_size = 1232});
  Octets message = test::make_reply(asked.octets, reply);
  filter.before_limit(asked.view, message);
  return test::read_reply(message).value();
}

TEST(Minimal, StripsPositiveAnswers) {
  const test::Reply reply =
      filtered(Minimal(), {.answer = {"a.example. 60 IN CNAME b.example.", "b.example. 60 IN A 10.0.0.1"},
                           .authority = {"example. 60 IN NS ns.example."},
                           .additional = {"ns.example. 60 IN A 10.0.0.2"},
                           .with_opt = true});
  EXPECT_THAT(reply.answer, ElementsAre("a.example. 60 IN CNAME b.example.", "b.example. 60 IN A 10.0.0.1"));
  EXPECT_THAT(reply.authority, IsEmpty());
  EXPECT_THAT(reply.additional, IsEmpty());
  EXPECT_TRUE(reply.has_opt);
}

TEST(Minimal, KeepsNegativeAnswersAndDelegations) {
  const MadeReply soa{.authority = {"example. 60 IN SOA ns.example. h.example. 1 2 3 4 5"}};
  EXPECT_EQ(filtered(Minimal(), soa).authority.size(), 1U);
  MadeReply nxdomain = soa;
  nxdomain.flags = 0x8083;
  nxdomain.answer = {"a.example. 60 IN CNAME b.example."};
  EXPECT_EQ(filtered(Minimal(), nxdomain).authority.size(), 1U);
  EXPECT_EQ(filtered(Minimal(), {.authority = {"example. 60 IN NS ns.example."}}).authority.size(), 1U);
}

TEST(Loadbalance, PutsAddressesFirstByTheirWeights) {
  const auto weights = std::make_shared<const WeightTable>(
      WeightTable::parse("B.example\n10.0.0.1 9\n10.0.0.2 90\n", "weights").value());
  const Loadbalance loadbalance({}, weights);
  const MadeReply reply{.answer = {"b.example. 60 IN A 10.0.0.1", "b.example. 60 IN A 10.0.0.2",
                                   "b.example. 60 IN A 10.0.0.3", "a.example. 60 IN CNAME b.example."}};
  std::map<std::string, int> firsts;
  for (int i = 0; i < 1000; ++i) {
    const auto answer = filtered(loadbalance, reply).answer;
    ASSERT_EQ(answer.at(0), "a.example. 60 IN CNAME b.example.");
    ASSERT_EQ(std::set(answer.begin(), answer.end()).size(), 4U);
    ++firsts[answer.at(1)];
  }
  EXPECT_NEAR(firsts["b.example. 60 IN A 10.0.0.2"], 900, 80);
  EXPECT_NEAR(firsts["b.example. 60 IN A 10.0.0.1"], 90, 70);
  EXPECT_NEAR(firsts["b.example. 60 IN A 10.0.0.3"], 10, 50) << "without a line it weighs 1";
}

TEST(Loadbalance, PrefersNetworksOverWeights) {
  const auto weights =
      std::make_shared<const WeightTable>(WeightTable::parse("b.example\n10.0.0.1 255\n", "weights").value());
  const Loadbalance loadbalance({IpRange::parse_network("192.0.2.0/24").value()}, weights);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(
        filtered(loadbalance, {.answer = {"b.example. 60 IN A 10.0.0.1", "b.example. 60 IN A 192.0.2.1"}})
            .answer.at(0),
        "b.example. 60 IN A 192.0.2.1");
  }
}

TEST(Loadbalance, GivesEveryAddressItsTurnBehindTheAlias) {
  const MadeReply reply{.answer = {"b.example. 60 IN A 10.0.0.1", "b.example. 60 IN A 10.0.0.2",
                                   "b.example. 60 IN A 10.0.0.3", "a.example. 60 IN CNAME b.example."}};
  const Loadbalance loadbalance({});
  std::set<std::string> firsts;
  for (int i = 0; i < 200; ++i) {
    const auto answer = filtered(loadbalance, reply).answer;
    ASSERT_EQ(answer.size(), 4U);
    EXPECT_EQ(answer[0], "a.example. 60 IN CNAME b.example.");
    firsts.insert(answer[1]);
    EXPECT_THAT(std::vector(answer.begin() + 1, answer.end()),
                UnorderedElementsAre("b.example. 60 IN A 10.0.0.1", "b.example. 60 IN A 10.0.0.2",
                                     "b.example. 60 IN A 10.0.0.3"));
  }
  EXPECT_EQ(firsts.size(), 3U);
}

TEST(Loadbalance, ShufflesMailExchangesToo) {
  const MadeReply reply{
      .answer = {"a.example. 60 IN MX 10 m1.example.", "a.example. 60 IN MX 10 m2.example."},
      .additional = {"m1.example. 60 IN A 10.0.0.1"}};
  std::set<std::string> firsts;
  for (int i = 0; i < 200; ++i) {
    const test::Reply shuffled = filtered(Loadbalance({}), reply);
    firsts.insert(shuffled.answer.at(0));
    EXPECT_EQ(shuffled.additional.size(), 1U);
  }
  EXPECT_EQ(firsts.size(), 2U);
}

TEST(Loadbalance, PutsPreferredNetworksFirst) {
  const Loadbalance loadbalance(
      {IpRange::parse("10.2.0.0/16").value(), IpRange::parse("10.1.0.0/16").value()});
  const MadeReply reply{.answer = {"a.example. 60 IN A 192.0.2.1", "a.example. 60 IN A 10.1.0.1",
                                   "a.example. 60 IN A 10.2.0.1"}};
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(filtered(loadbalance, reply).answer,
                ElementsAre("a.example. 60 IN A 10.2.0.1", "a.example. 60 IN A 10.1.0.1",
                            "a.example. 60 IN A 192.0.2.1"));
  }
}

// An A record without an address is what an update message carries; nobody has to send one of those.
TEST(Loadbalance, TakesRecordsWithoutAnAddressAsTheyAre) {
  const Asked asked({.name = "a.example"});
  Octets message = test::make_reply(asked.octets, {});
  const Octets empty = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 0};
  message.insert(message.end(), empty.begin(), empty.end());
  message.insert(message.end(), empty.begin(), empty.end());
  message[7] = 2;
  Loadbalance({IpRange::parse("10.0.0.0/8").value()}).before_limit(asked.view, message);
  EXPECT_EQ(wire::load16(&message[6]), 2U);
}

TEST(Header, SetsAndClearsFlagsOfResponses) {
  const Asked asked({.name = "a.example"});
  Octets message = test::make_reply(asked.octets, {});
  const ResponseHeader header({.set = wire::flag::AA, .clear = wire::flag::RA | wire::flag::RD});
  EXPECT_EQ(header.after_limit(asked.view, message, message.size(), 512), message.size());
  const auto reply = test::read_reply(message);
  EXPECT_TRUE(reply->aa);
  EXPECT_FALSE(reply->ra);
  EXPECT_FALSE(reply->rd);
}

TEST(Header, AsksWithOtherFlags) {
  const Asked asked({.name = "A.example", .edns_size = 1400, .dnssec_ok = true});
  const auto rewritten = QueryHeader({.set = 0, .clear = wire::flag::RD}).rewrite(asked.view);
  ASSERT_TRUE(rewritten);
  wire::QueryView other;
  ASSERT_EQ(wire::parse_query(rewritten->query(), other), wire::QueryVerdict::Ok);
  EXPECT_EQ(other.flags & wire::flag::RD, 0);
  EXPECT_TRUE(std::ranges::equal(other.question(), asked.view.question()));
  EXPECT_TRUE(other.edns.dnssec_ok);
  EXPECT_EQ(other.edns.udp_payload, 1400);
  EXPECT_FALSE(QueryHeader({.set = wire::flag::RD, .clear = 0}).rewrite(asked.view)) << "RD is set already";
}

struct NsidCase {
  Octets options;
  std::size_t limit = 512;
  std::string text = {};  // in the response
};

TEST(Nsid, AnswersWhoAsks) {
  const NsidCase cases[] = {
      {.options = {0, 3, 0, 0}, .text = "node-7"},
      {.options = {0, 10, 0, 2, 1, 2, 0, 3, 0, 0}, .text = "node-7"},
      {.options = {0, 10, 0, 2, 1, 2}},
      {.options = {0, 10, 0, 9, 0, 3, 0, 0}},
      {.options = {0, 3, 0, 0}, .limit = 45},
  };
  for (const NsidCase& one : cases) {
    const Asked asked({.name = "a.example", .edns_size = 1232, .edns_options = one.options});
    Octets message = test::make_reply(asked.octets, {.with_opt = true});
    const std::size_t size = message.size();
    message.resize(512);
    message.resize(Nsid("node-7").after_limit(asked.view, message, size, one.limit));
    ASSERT_TRUE(test::read_reply(message));
    EXPECT_EQ(test::read_reply(message)->opt_options_size, one.text.empty() ? 0 : 4 + one.text.size());
    EXPECT_EQ(std::string(message.begin() + static_cast<long>(size), message.end())
                  .substr(one.text.empty() ? 0 : 4),
              one.text);
  }
}

}  // namespace
}  // namespace meshdns::plugin
