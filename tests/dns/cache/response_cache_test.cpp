// What a hit looks like to the client.
#include "dns/cache/response_cache.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/answer/counting_new.hpp"
#include "tests/dns/cache/cache_fixture.hpp"

namespace meshdns::cache {
namespace {

using testing::ElementsAre;

class ResponseCacheTest : public CacheFixture {};

TEST_F(ResponseCacheTest, KnowsNothingAtFirst) {
  EXPECT_FALSE(ask({.name = "example.org"}));
  EXPECT_EQ(counters.misses.value(), 1U);
}

TEST_F(ResponseCacheTest, CountsEachTtlDownByItself) {
  const QuerySpec asked{.name = "www.example.org"};
  Octets reply = reply_to(asked);
  add_record(reply, 1, record(wire::type::CNAME, wire_name("host.example.org"), {0xC0, 12}, 300));
  add_record(reply, 1, record(wire::type::A, Octets{10, 0, 0, 1}, wire_name("host.example.org"), 7));
  learn(asked, reply);
  now += 3500ms;
  EXPECT_THAT(ask(asked).value().answer, ElementsAre("www.example.org. 297 IN CNAME host.example.org.",
                                                     "host.example.org. 4 IN A 10.0.0.1"));
  now += 3499ms;
  EXPECT_THAT(ask(asked).value().answer[1], "host.example.org. 1 IN A 10.0.0.1");
  now += 1ms;
  EXPECT_FALSE(ask(asked)) << "the first record is over";
}

TEST_F(ResponseCacheTest, AnswersWithTheClientsIdCaseAndFlags) {
  learn_address("www.example.org");
  const Reply reply =
      ask({.name = "WwW.eXample.ORG", .id = 0x4711, .flags = wire::flag::RD, .edns_size = 1232}).value();
  EXPECT_EQ(reply.id, 0x4711);
  EXPECT_EQ(reply.question, "WwW.eXample.ORG. IN A");
  EXPECT_THAT(reply.answer, ElementsAre("WwW.eXample.ORG. 300 IN A 10.0.0.1"));
  EXPECT_TRUE(reply.qr && reply.rd && reply.ra && reply.has_opt);
  EXPECT_EQ(reply.opt_options_size, 0U);
  const Reply other = ask({.name = "www.example.org", .flags = 0}).value();
  EXPECT_FALSE(other.rd || other.has_opt);
}

TEST_F(ResponseCacheTest, NeverClaimsAuthority) {
  const QuerySpec asked{.name = "example.org"};
  Octets reply = reply_to(asked, 0, wire::flag::AA);
  add_record(reply, 1, a_with_ttl(60));
  learn(asked, reply);
  EXPECT_FALSE(ask(asked).value().aa);
}

TEST_F(ResponseCacheTest, GivesAdOnlyToWhoAskedForIt) {
  const QuerySpec asked{.name = "example.org"};
  Octets reply = reply_to(asked, 0, wire::flag::AD);
  add_record(reply, 1, a_with_ttl(60));
  learn(asked, reply);
  EXPECT_FALSE(ask(asked).value().ad);
  EXPECT_TRUE(ask({.name = "example.org", .flags = wire::flag::RD | wire::flag::AD}).value().ad);
  learn_address("plain.example.org");
  EXPECT_FALSE(ask({.name = "plain.example.org", .flags = wire::flag::RD | wire::flag::AD}).value().ad);
}

TEST_F(ResponseCacheTest, TellsTypesClassesDoAndCdApart) {
  learn_address("example.org");
  EXPECT_TRUE(ask({.name = "example.org", .edns_size = 4096}));
  EXPECT_FALSE(ask({.name = "example.org", .type = "AAAA"}));
  EXPECT_FALSE(ask({.name = "example.org", .qclass = 254}));
  EXPECT_FALSE(ask({.name = "example.org", .edns_size = 4096, .dnssec_ok = true}));
  EXPECT_FALSE(ask({.name = "example.org", .flags = wire::flag::RD | wire::flag::CD}));
  EXPECT_FALSE(ask({.name = "xexample.org"}));
}

TEST_F(ResponseCacheTest, KeepsDenialsByTheirSoa) {
  for (const std::uint16_t rcode : {wire::rcode::NXDomain, wire::rcode::NoError}) {
    const QuerySpec asked{.name = rcode == 0 ? "nodata.example.org" : "absent.example.org"};
    Octets reply = reply_to(asked, rcode);
    add_record(reply, 2, soa_with(25, 10, wire_name("example.org")));
    learn(asked, reply);
    now += 9s;
    const Reply hit = ask(asked).value();
    EXPECT_EQ(hit.rcode, rcode == 0 ? "NOERROR" : "NXDOMAIN");
    EXPECT_THAT(hit.authority, ElementsAre("example.org. 1 IN SOA . . 1 3600 1200 604800 10"));
    now += 1s;
    EXPECT_FALSE(ask(asked));
  }
  EXPECT_EQ(counters.denial_hits.value(), 2U);
}

TEST_F(ResponseCacheTest, CapsAndRaisesTtls) {
  options.success = {.max_ttl = 100s, .min_ttl = 5s};
  use(options);
  learn_address("long.example.org", 86400);
  learn_address("short.example.org", 0);
  EXPECT_THAT(ask({.name = "long.example.org"}).value().answer,
              ElementsAre("long.example.org. 100 IN A 10.0.0.1"));
  EXPECT_THAT(ask({.name = "short.example.org"}).value().answer,
              ElementsAre("short.example.org. 5 IN A 10.0.0.1"));
  now += 5s;
  EXPECT_TRUE(ask({.name = "long.example.org"}));
  EXPECT_FALSE(ask({.name = "short.example.org"}));
}

TEST_F(ResponseCacheTest, DenialsLiveThirtySecondsByDefault) {
  const QuerySpec asked{.name = "absent.example.org"};
  Octets reply = reply_to(asked, wire::rcode::NXDomain);
  add_record(reply, 2, soa_with(3600, 3600));
  learn(asked, reply);
  now += 29999ms;
  EXPECT_TRUE(ask(asked));
  now += 1ms;
  EXPECT_FALSE(ask(asked));
}

TEST_F(ResponseCacheTest, MayKeepTtlsAsTheyWere) {
  options.keeps_ttl = true;
  use(options);
  learn_address("example.org", 60);
  now += 59s;
  EXPECT_THAT(ask({.name = "example.org"}).value().answer, ElementsAre("example.org. 60 IN A 10.0.0.1"));
}

TEST_F(ResponseCacheTest, TheNewestReplyCounts) {
  learn_address("example.org", 300, 1);
  now += 10s;
  learn_address("example.org", 300, 2);
  EXPECT_THAT(ask({.name = "example.org"}).value().answer, ElementsAre("example.org. 300 IN A 10.0.0.2"));
  Octets denial = reply_to({.name = "example.org"}, wire::rcode::NXDomain);
  add_record(denial, 2, soa_with(60, 60));
  learn({.name = "example.org"}, denial);
  EXPECT_EQ(ask({.name = "example.org"}).value().rcode, "NXDOMAIN");
  EXPECT_EQ(counters.success_entries.value(), 0U);
  EXPECT_EQ(counters.denial_entries.value(), 1U);
  learn_address("example.org", 300, 3);
  EXPECT_THAT(ask({.name = "example.org"}).value().answer, ElementsAre("example.org. 300 IN A 10.0.0.3"));
  EXPECT_EQ(counters.denial_entries.value(), 0U);
}

TEST_F(ResponseCacheTest, CutsAtTheClientsLimitByWholeRecords) {
  const QuerySpec asked{.name = "many.example.org"};
  Octets reply = reply_to(asked);
  for (int i = 0; i < 60; ++i) {
    add_record(reply, 1, a_with_ttl(60, static_cast<std::uint8_t>(i)));
  }
  learn(asked, reply);
  now += 10s;
  const Reply cut = ask(asked).value();
  EXPECT_TRUE(cut.tc);
  EXPECT_EQ(cut.answer.size(), (512U - 12 - 22) / 16);
  EXPECT_EQ(cut.answer[0], "many.example.org. 50 IN A 10.0.0.0");
  const Reply whole = ask({.name = "many.example.org", .edns_size = 1232}).value();
  EXPECT_FALSE(whole.tc);
  EXPECT_EQ(whole.answer.size(), 60U);
}

TEST_F(ResponseCacheTest, RemembersAFailureForAMoment) {
  EXPECT_TRUE(learn_failure({.name = "silent.example.org"}));
  EXPECT_TRUE(
      learn({.name = "broken.example.org"}, reply_to({.name = "broken.example.org"}, wire::rcode::ServFail)));
  now += 999ms;
  EXPECT_EQ(ask({.name = "silent.example.org"}).value().rcode, "SERVFAIL");
  EXPECT_EQ(ask({.name = "broken.example.org"}).value().rcode, "SERVFAIL");
  now += 1ms;
  EXPECT_FALSE(ask({.name = "silent.example.org"}));
  options.failure_ttl = 0ms;
  use(options);
  learn_failure({.name = "silent.example.org"});
  EXPECT_FALSE(ask({.name = "silent.example.org"}));
}

TEST_F(ResponseCacheTest, AFailureHidesNothingUsable) {
  learn_address("example.org", 300);
  EXPECT_FALSE(learn_failure({.name = "example.org"}));
  EXPECT_FALSE(learn({.name = "example.org"}, reply_to({.name = "example.org"}, wire::rcode::Refused)));
  EXPECT_EQ(ask({.name = "example.org"}).value().rcode, "NOERROR");
}

TEST_F(ResponseCacheTest, CoversItsZonesOnly) {
  EXPECT_TRUE(cache->covers(wire_name("anything.net")));
  options.zones = {*DomainName::parse("example.org"), *DomainName::parse("example.net")};
  use(options);
  EXPECT_TRUE(cache->covers(wire_name("example.org")));
  EXPECT_TRUE(cache->covers(wire_name("a.b.example.net")));
  EXPECT_FALSE(cache->covers(wire_name("notexample.org")));
  EXPECT_FALSE(cache->covers(wire_name("org")));
}

TEST_F(ResponseCacheTest, AHitAllocatesNothing) {
  learn_address("example.org");
  const Octets packet = make_query({.name = "eXample.org", .edns_size = 1232});
  std::array<std::uint8_t, 4096> out;
  ASSERT_GT(allocations(), 0U) << "nobody counts";
  const std::size_t before = allocations();
  wire::QueryView query;
  wire::parse_query(packet, query);
  const Hit hit = cache->find(CacheKey::of(query), now);
  wire::ResponseWriter writer(query, out, out.size());
  const bool is_written = hit.verdict == Verdict::Fresh && cache->write(hit, writer);
  const std::size_t size = writer.finish();
  EXPECT_EQ(allocations() - before, 0U);
  EXPECT_TRUE(is_written);
  EXPECT_GT(size, 40U);
}

}  // namespace
}  // namespace meshdns::cache
