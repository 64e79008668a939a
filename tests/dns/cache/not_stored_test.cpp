// Replies that are passed on and not kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/cache/cache_fixture.hpp"

namespace meshdns::cache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NotStoredTest : public CacheFixture {
 protected:
  const QuerySpec asked{.name = "www.example.org"};

  void expect_not_kept(const Octets& reply) {
    EXPECT_TRUE(learn(asked, reply)) << "there is nothing better";
    EXPECT_FALSE(ask(asked));
    EXPECT_EQ(counters.success_entries.value() + counters.denial_entries.value(), 0U);
  }
};

TEST_F(NotStoredTest, Truncated) {
  Octets reply = reply_to(asked, 0, wire::flag::TC);
  add_record(reply, 1, a_with_ttl(60));
  expect_not_kept(reply);
}

TEST_F(NotStoredTest, DenialsWithoutSoa) {
  expect_not_kept(reply_to(asked, wire::rcode::NXDomain));
  expect_not_kept(reply_to(asked));
  Octets referral = reply_to(asked);
  add_record(referral, 2, record(wire::type::NS, wire_name("ns.example.org"), wire_name("example.org")));
  expect_not_kept(referral);
  Octets alias_to_nowhere = reply_to(asked);
  add_record(alias_to_nowhere, 1, record(wire::type::CNAME, wire_name("gone.example.org")));
  expect_not_kept(alias_to_nowhere);
}

TEST_F(NotStoredTest, TtlZero) {
  Octets reply = reply_to(asked);
  add_record(reply, 1, a_with_ttl(60));
  add_record(reply, 1, a_with_ttl(0, 2));
  expect_not_kept(reply);
  Octets denial = reply_to(asked, wire::rcode::NXDomain);
  add_record(denial, 2, soa_with(60, 0));
  expect_not_kept(denial);
}

TEST_F(NotStoredTest, TtlsAboveTheSignBitAreZero) {
  Octets reply = reply_to(asked);
  add_record(reply, 1, a_with_ttl(0x80000000));
  expect_not_kept(reply);
}

TEST_F(NotStoredTest, OtherErrors) {
  for (const std::uint16_t rcode : {wire::rcode::FormErr, wire::rcode::NotImp, wire::rcode::Refused}) {
    expect_not_kept(reply_to(asked, rcode));
  }
  Octets extended = reply_to(asked);
  add_record(extended, 1, a_with_ttl(60));
  add_record(extended, 3, opt_record(1));
  expect_not_kept(extended);
}

TEST_F(NotStoredTest, RepliesToAnotherQuestion) {
  for (const QuerySpec& other :
       {QuerySpec{.name = "wwx.example.org"}, QuerySpec{.name = "www.example.org", .type = "AAAA"},
        QuerySpec{.name = "www.example.org", .qclass = 3}, QuerySpec{.name = "example.org"}}) {
    Octets reply = reply_to(other);
    add_record(reply, 1, a_with_ttl(60));
    expect_not_kept(reply);
  }
  EXPECT_EQ(counters.drops.value(), 4U);
}

TEST_F(NotStoredTest, WhereItIsDisabled) {
  options.success.disabled = {*DomainName::parse("example.org")};
  options.denial.disabled = {*DomainName::parse("example.net")};
  use(options);
  learn_address("www.example.org");
  learn_address("www.example.net");
  EXPECT_FALSE(has("www.example.org"));
  EXPECT_TRUE(has("www.example.net"));
  for (const char* name : {"absent.example.org", "absent.example.net"}) {
    Octets denial = reply_to({.name = name}, wire::rcode::NXDomain);
    add_record(denial, 2, soa_with(60, 60));
    learn({.name = name}, denial);
  }
  EXPECT_TRUE(has("absent.example.org"));
  EXPECT_FALSE(has("absent.example.net"));
}

TEST_F(NotStoredTest, AReplyThatCannotBeKeptStillEndsTheOldOne) {
  learn_address("www.example.org", 300);
  Octets reply = reply_to(asked);
  add_record(reply, 1, a_with_ttl(0, 2));
  learn(asked, reply);
  EXPECT_FALSE(ask(asked));
}

TEST_F(NotStoredTest, TheUpstreamsOpt) {
  Octets reply = reply_to(asked);
  add_record(reply, 1, a_with_ttl(60));
  add_record(reply, 3, opt_record(0, Octets{0, 10, 0, 4, 1, 2, 3, 4}));
  learn(asked, reply);
  EXPECT_FALSE(ask(asked).value().has_opt);
  EXPECT_EQ(ask({.name = "www.example.org", .edns_size = 1232}).value().opt_options_size, 0U);
}

TEST_F(NotStoredTest, AdditionalRecordsFromElsewhere) {
  Octets reply = reply_to(asked);
  add_record(reply, 1, a_with_ttl(60));
  add_record(reply, 3, record(wire::type::A, Octets{10, 0, 0, 2}, wire_name("ns.www.example.org")));
  add_record(reply, 3, record(wire::type::A, Octets{10, 6, 6, 6}, wire_name("bank.example")));
  add_record(reply, 3, record(wire::type::A, Octets{10, 0, 0, 3}, wire_name("ns2.www.example.org")));
  learn(asked, reply);
  EXPECT_THAT(ask(asked).value().additional, ElementsAre("ns.www.example.org. 60 IN A 10.0.0.2"));
}

TEST_F(NotStoredTest, AdditionalAddressesOfAServiceAreItsOwn) {
  const QuerySpec service{.name = "_http._tcp.Example.org", .type = "SRV"};
  Octets reply = reply_to(service);
  Octets target = {0, 0, 0, 0, 0, 80};
  append(target, wire_name("host.example.org"));
  add_record(reply, 1, record(wire::type::SRV, target));
  // "host" and a pointer to "Example.org" inside the question.
  add_record(reply, 3, record(wire::type::A, Octets{10, 0, 0, 2}, {4, 'H', 'o', 's', 't', 0xC0, 12 + 11}));
  learn(service, reply);
  EXPECT_THAT(ask(service).value().additional, ElementsAre("Host.Example.org. 60 IN A 10.0.0.2"));
}

}  // namespace
}  // namespace meshdns::cache
