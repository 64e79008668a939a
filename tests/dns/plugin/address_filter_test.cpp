#include "dns/plugin/address_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/asked.hpp"
#include "tests/support/made_reply.hpp"

namespace meshdns::plugin {
namespace {

using test::Asked;
using test::MadeReply;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kOwnSoa = " 5 IN SOA localhost. nobody.invalid. 1 3600 1200 604800 5";

AddressFilter filter(std::uint16_t qtype = wire::type::AAAA) {
  return AddressFilter({.qtype = qtype, .unless_only = false, .where = {}});
}

test::Octets response(const MadeReply& reply) {
  const Asked asked({.name = "a.example", .type = "AAAA", .edns_size = 1232});
  return test::make_reply(asked.octets, reply);
}

test::Reply hidden(const MadeReply& reply, std::uint16_t qtype = wire::type::AAAA) {
  return test::read_reply(filter(qtype).hide(response(reply))).value();
}

TEST(AddressFilter, ConcernsQueriesOfItsTypeOnly) {
  EXPECT_TRUE(filter().concerns(Asked({.name = "a.example", .type = "AAAA"}).view));
  EXPECT_FALSE(filter().concerns(Asked({.name = "a.example", .type = "A"}).view));
  EXPECT_FALSE(filter().concerns(Asked({.name = "a.example", .type = "AAAA", .qclass = 3}).view));
  EXPECT_TRUE(filter(wire::type::A).concerns(Asked({.name = "a.example", .type = "A"}).view));
  EXPECT_EQ(filter(wire::type::A).other_type(), wire::type::AAAA);
}

TEST(AddressFilter, LeavesClientsAloneThatCheckDnssecThemselves) {
  const test::QuerySpec with_do{.name = "a.example", .type = "AAAA", .edns_size = 1232, .dnssec_ok = true};
  EXPECT_TRUE(filter().concerns(Asked(with_do).view));
  test::QuerySpec with_do_and_cd = with_do;
  with_do_and_cd.flags = 0x0110;
  EXPECT_FALSE(filter().concerns(Asked(with_do_and_cd).view));
}

TEST(AddressFilter, IsNeededWhereThereAreSuchAddresses) {
  EXPECT_TRUE(filter().is_needed(response({.answer = {"a.example. 60 IN AAAA fd00::1"}})));
  EXPECT_TRUE(filter().is_needed(
      response({.answer = {"a.example. 60 IN CNAME b.example.", "b.example. 60 IN AAAA fd00::1"}})));
  EXPECT_FALSE(filter().is_needed(response({})));
  EXPECT_FALSE(filter().is_needed(response({.answer = {"a.example. 60 IN CNAME b.example."}})));
  EXPECT_FALSE(filter().is_needed(response({.flags = 0x8083})));
  EXPECT_FALSE(filter().is_needed(response({.flags = 0x8082})));
  EXPECT_FALSE(filter().is_needed({}));
}

TEST(AddressFilter, MakesNoDataWithASoa) {
  const test::Reply reply =
      hidden({.answer = {"a.example. 60 IN CNAME b.example.", "b.example. 60 IN AAAA fd00::1",
                         "b.example. 60 IN AAAA fd00::2"},
              .additional = {"ns.example. 60 IN AAAA fd00::3"},
              .flags = 0x81A0,
              .with_opt = true});
  EXPECT_EQ(reply.rcode, "NOERROR");
  EXPECT_EQ(reply.question, "a.example. IN AAAA");
  EXPECT_THAT(reply.answer, ElementsAre("a.example. 60 IN CNAME b.example."));
  EXPECT_THAT(reply.authority, ElementsAre("b.example." + kOwnSoa));
  EXPECT_FALSE(reply.ad) << "nobody has vouched for it";
  EXPECT_THAT(hidden({.answer = {"A.Example. 60 IN AAAA fd00::1"}}).answer, IsEmpty());
}

TEST(AddressFilter, KeepsASoaThatIsThere) {
  EXPECT_THAT(hidden({.answer = {"a.example. 60 IN AAAA fd00::1"},
                      .authority = {"example. 120 IN SOA ns.example. h.example. 1 2 3 4 5"}})
                  .authority,
              ElementsAre("example. 120 IN SOA ns.example. h.example. 1 2 3 4 5"));
}

TEST(AddressFilter, TakesSignaturesAlong) {
  const std::string tail = " 8 2 60 20300101000000 20250101000000 1 example. AAAA";
  const test::Reply reply =
      hidden({.answer = {"a.example. 60 IN CNAME b.example.", "a.example. 60 IN RRSIG CNAME" + tail,
                         "b.example. 60 IN AAAA fd00::1", "b.example. 60 IN RRSIG AAAA" + tail}});
  EXPECT_THAT(reply.answer, ElementsAre("a.example. 60 IN CNAME b.example.",
                                        ::testing::StartsWith("a.example. 60 IN RRSIG CNAME ")));
}

TEST(AddressFilter, HidesIpv4Likewise) {
  const test::Reply reply = hidden({.answer = {"a.example. 60 IN A 10.0.0.1"}}, wire::type::A);
  EXPECT_THAT(reply.answer, IsEmpty());
  EXPECT_THAT(reply.authority, ElementsAre("a.example." + kOwnSoa));
}

TEST(AddressFilter, MakesNothingOfNoMessage) {
  EXPECT_THAT(filter().hide({}), IsEmpty());
}

}  // namespace
}  // namespace meshdns::plugin
