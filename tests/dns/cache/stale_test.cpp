// RFC 8767: what is over is better than nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/cache/cache_fixture.hpp"

namespace meshdns::cache {
namespace {

using testing::ElementsAre;

class StaleTest : public CacheFixture {
 protected:
  StaleTest() {
    options.stale.emplace();
    use(options);
    learn_address("example.org", 60);
    now += 60s;
  }
  const QuerySpec asked{.name = "example.org"};
};

TEST_F(StaleTest, IsAnsweredWithItsOwnTtlAndSaysSo) {
  const Reply reply = ask({.name = "example.org", .edns_size = 1232}).value();
  EXPECT_THAT(reply.answer, ElementsAre("example.org. 30 IN A 10.0.0.1"));
  EXPECT_EQ(reply.opt_options_size, 6U);
  const Octets stale_answer = {0, 15, 0, 2, 0, 3};  // RFC 8914 4.4
  EXPECT_TRUE(std::equal(stale_answer.rbegin(), stale_answer.rend(), reply.octets.rbegin()));
  EXPECT_FALSE(ask(asked).value().has_opt);
  EXPECT_EQ(counters.served_stale.value(), 2U);
}

TEST_F(StaleTest, SaysSoInATruncatedAnswerToo) {
  Octets reply = reply_to({.name = "many.example.org"});
  for (int i = 0; i < 60; ++i) {
    add_record(reply, 1, a_with_ttl(60, static_cast<std::uint8_t>(i)));
  }
  learn({.name = "many.example.org"}, reply);
  now += 60s;
  const Reply cut = ask({.name = "many.example.org", .edns_size = 512}).value();
  EXPECT_TRUE(cut.tc);
  EXPECT_EQ(cut.opt_options_size, 6U);
  EXPECT_EQ(cut.answer.size(), (512U - 17 - 12 - 22) / 16);
  EXPECT_EQ(cut.answer[0], "many.example.org. 30 IN A 10.0.0.0");
}

TEST_F(StaleTest, AsksTheUpstreamFirst) {
  const Hit hit = find(asked);
  EXPECT_EQ(hit.verdict, Verdict::Stale);
  EXPECT_TRUE(hit.must_ask);
  EXPECT_TRUE(find(asked).must_ask) << "and the next client too, until an answer is there";
}

TEST_F(StaleTest, DoesNotAskAgainSoonAfterAFailure) {
  EXPECT_FALSE(learn_failure(asked)) << "the stale answer is better";
  EXPECT_FALSE(find(asked).must_ask);
  now += 29s;
  EXPECT_FALSE(find(asked).must_ask);
  now += 1s;
  EXPECT_TRUE(find(asked).must_ask);
}

TEST_F(StaleTest, AnErrorOfTheUpstreamIsAFailure) {
  for (const std::uint16_t rcode : {wire::rcode::ServFail, wire::rcode::Refused}) {
    EXPECT_FALSE(learn(asked, reply_to(asked, rcode)));
    EXPECT_EQ(find(asked).verdict, Verdict::Stale);
  }
}

TEST_F(StaleTest, EndsWithFreshData) {
  learn_address("example.org", 60, 2);
  EXPECT_EQ(find(asked).verdict, Verdict::Fresh);
  EXPECT_THAT(ask(asked).value().answer, ElementsAre("example.org. 60 IN A 10.0.0.2"));
}

TEST_F(StaleTest, EndsWithADenial) {
  Octets denial = reply_to(asked, wire::rcode::NXDomain);
  add_record(denial, 2, soa_with(60, 60));
  EXPECT_TRUE(learn(asked, denial));
  EXPECT_EQ(ask(asked).value().rcode, "NXDOMAIN");
}

TEST_F(StaleTest, MayPreferWhatExistedToADenial) {
  options.stale->prefers_positive = true;
  use(options);
  learn_address("example.org", 60);
  now += 60s;
  Octets denial = reply_to(asked, wire::rcode::NXDomain);
  EXPECT_FALSE(learn(asked, denial)) << "without SOA";
  add_record(denial, 2, soa_with(60, 60));
  EXPECT_FALSE(learn(asked, denial));
  EXPECT_THAT(ask(asked).value().answer, ElementsAre("example.org. 30 IN A 10.0.0.1"));
}

TEST_F(StaleTest, EndsWhenItIsTooOld) {
  now += 1h - 1ms;
  EXPECT_EQ(find(asked).verdict, Verdict::Stale);
  now += 1ms;
  EXPECT_EQ(find(asked).verdict, Verdict::Miss);
  EXPECT_TRUE(learn_failure(asked));
  EXPECT_EQ(ask(asked).value().rcode, "SERVFAIL");
}

TEST_F(StaleTest, AFailureIsNeverStale) {
  learn_failure({.name = "broken.example.org"});
  now += 1s;
  EXPECT_EQ(find({.name = "broken.example.org"}).verdict, Verdict::Miss);
}

TEST_F(StaleTest, MayBeAnsweredAtOnceWhileOneQuestionIsAsked) {
  options.stale->asks_first = false;
  use(options);
  learn_address("example.org", 60);
  now += 61s;
  EXPECT_TRUE(find(asked).must_ask);
  EXPECT_FALSE(find(asked).must_ask) << "it is being asked";
  now += 5s;
  EXPECT_TRUE(find(asked).must_ask);
}

TEST_F(StaleTest, IsOffUnlessAskedFor) {
  use(CacheOptions{});
  learn_address("example.org", 60);
  now += 60s;
  EXPECT_EQ(find(asked).verdict, Verdict::Miss);
}

}  // namespace
}  // namespace meshdns::cache
