#include "dns/wire/upstream_query.hpp"

#include <gtest/gtest.h>

#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;

UpstreamQuery make_for(const Octets& packet) {
  QueryView query;
  EXPECT_EQ(parse_query(packet, query), QueryVerdict::Ok);
  return make_upstream_query(query, 0xABCD);
}

Reply sent_as(const UpstreamQuery& made) {
  const auto read = read_reply(made.message());
  EXPECT_TRUE(read);
  return read.value_or(Reply{});
}

Reply upstream_query_for(const Octets& packet) {
  return sent_as(make_for(packet));
}

TEST(MakeUpstreamQuery, AsksTheClientsQuestionUnderOurId) {
  const Reply sent = upstream_query_for(make_query({.name = "WwW.Example.com", .type = "TYPE65280"}));
  EXPECT_EQ(sent.id, 0xABCD);
  EXPECT_EQ(sent.question, "WwW.Example.com. IN TYPE65280");
  EXPECT_FALSE(sent.qr);
}

TEST(MakeUpstreamQuery, CopiesRdAdAndCdAndNothingElse) {
  EXPECT_EQ(upstream_query_for(make_query({.name = "a.example", .flags = 0x0770})).flags, 0x0130);
  EXPECT_EQ(upstream_query_for(make_query({.name = "a.example", .flags = 0})).flags, 0);
}

TEST(MakeUpstreamQuery, CarriesOurOptWithoutTheClientsOptions) {
  const Octets cookie = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  const Reply with_do = upstream_query_for(
      make_query({.name = "a.example", .edns_size = 4096, .dnssec_ok = true, .edns_options = cookie}));
  EXPECT_TRUE(with_do.has_opt && with_do.opt_dnssec_ok);
  EXPECT_EQ(with_do.opt_size, 1232);
  EXPECT_EQ(with_do.opt_options_size, 0U);
  const Reply plain = upstream_query_for(make_query({.name = "a.example"}));
  EXPECT_TRUE(plain.has_opt);
  EXPECT_FALSE(plain.opt_dnssec_ok);
}

TEST(MakeUpstreamQuery, CanDoWithoutOpt) {
  UpstreamQuery made = make_for(make_query({.name = "a.example", .edns_size = 4096, .dnssec_ok = true}));
  EXPECT_TRUE(made.dnssec_ok());
  made.drop_edns();
  EXPECT_FALSE(made.dnssec_ok());
  const Reply sent = sent_as(made);
  EXPECT_FALSE(sent.has_opt);
  EXPECT_EQ(sent.question, "a.example. IN A");
}

TEST(MakeUpstreamQuery, CanAskForAnotherType) {
  UpstreamQuery made = make_for(make_query({.name = "a.example", .type = "AAAA"}));
  EXPECT_EQ(made.qtype(), type::AAAA);
  EXPECT_EQ(made.qclass(), klass::IN);
  made.set_qtype(type::A);
  EXPECT_EQ(sent_as(made).question, "a.example. IN A");
}

TEST(MakeUpstreamQuery, HasRoomForTheLongestName) {
  Octets packet = header(1, 0, {1, 0, 0, 0});
  append(packet, name_of({63, 63, 63, 61}));
  append16(packet, type::A);
  append16(packet, klass::IN);
  EXPECT_TRUE(upstream_query_for(packet).has_opt);
}

}  // namespace
}  // namespace meshdns::wire
