#include "dns/wire/upstream_query.hpp"

#include <gtest/gtest.h>

#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;

Reply upstream_query_for(const Octets& packet, bool with_edns) {
  QueryView query;
  EXPECT_EQ(parse_query(packet, query), QueryVerdict::Ok);
  const UpstreamQuery made = make_upstream_query(query, 0xABCD, with_edns);
  const auto read = read_reply(made.message());
  EXPECT_TRUE(read);
  return read.value_or(Reply{});
}

TEST(MakeUpstreamQuery, AsksTheClientsQuestionUnderOurId) {
  const Reply sent = upstream_query_for(make_query({.name = "WwW.Example.com", .type = "TYPE65280"}), true);
  EXPECT_EQ(sent.id, 0xABCD);
  EXPECT_EQ(sent.question, "WwW.Example.com. IN TYPE65280");
  EXPECT_FALSE(sent.qr);
}

TEST(MakeUpstreamQuery, CopiesRdAdAndCdAndNothingElse) {
  EXPECT_EQ(upstream_query_for(make_query({.name = "a.example", .flags = 0x0770}), true).flags, 0x0130);
  EXPECT_EQ(upstream_query_for(make_query({.name = "a.example", .flags = 0}), true).flags, 0);
}

TEST(MakeUpstreamQuery, CarriesOurOptWithoutTheClientsOptions) {
  const Octets cookie = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  const Reply with_do = upstream_query_for(
      make_query({.name = "a.example", .edns_size = 4096, .dnssec_ok = true, .edns_options = cookie}), true);
  EXPECT_TRUE(with_do.has_opt && with_do.opt_dnssec_ok);
  EXPECT_EQ(with_do.opt_size, 1232);
  EXPECT_EQ(with_do.opt_options_size, 0U);
  const Reply plain = upstream_query_for(make_query({.name = "a.example"}), true);
  EXPECT_TRUE(plain.has_opt);
  EXPECT_FALSE(plain.opt_dnssec_ok);
}

TEST(MakeUpstreamQuery, CanDoWithoutOpt) {
  EXPECT_FALSE(upstream_query_for(make_query({.name = "a.example", .edns_size = 4096}), false).has_opt);
}

TEST(MakeUpstreamQuery, HasRoomForTheLongestName) {
  Octets packet = header(1, 0, {1, 0, 0, 0});
  append(packet, name_of({63, 63, 63, 61}));
  append16(packet, type::A);
  append16(packet, klass::IN);
  EXPECT_TRUE(upstream_query_for(packet, true).has_opt);
}

}  // namespace
}  // namespace meshdns::wire
