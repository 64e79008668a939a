#include "dns/wire/edns_options.hpp"

#include <array>

#include <gtest/gtest.h>

#include "dns/wire/response_writer.hpp"
#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using test::Octets;

TEST(EdnsOptions, FindsTheFirstOfACode) {
  const Octets options = {0, 10, 0, 1, 7, 0, 3, 0, 2, 8, 9, 0, 3, 0, 0};
  const auto found = find_edns_option(options, edns_option::Nsid);
  ASSERT_TRUE(found);
  EXPECT_EQ(Octets(found->begin(), found->end()), (Octets{8, 9}));
  EXPECT_FALSE(find_edns_option(options, edns_option::ExtendedError));
}

TEST(EdnsOptions, StopsAtAnOptionThatDoesNotEndInside) {
  for (const Octets& options : {Octets{0, 3}, Octets{0, 3, 0, 1}, Octets{0, 9, 0xFF, 0xFF, 0, 3, 0, 0}}) {
    EXPECT_FALSE(find_edns_option(options, edns_option::Nsid));
  }
}

TEST(EdnsOptions, AQueryShowsThoseOfItsOpt) {
  const Octets packet =
      test::make_query({.name = "a.example", .edns_size = 1232, .edns_options = {0, 3, 0, 0}});
  QueryView query;
  ASSERT_EQ(parse_query(packet, query), QueryVerdict::Ok);
  EXPECT_TRUE(find_edns_option(query.edns_options, edns_option::Nsid));
  const Octets other = test::make_query({.name = "a.example"});
  ASSERT_EQ(parse_query(other, query), QueryVerdict::Ok);
  EXPECT_TRUE(query.edns_options.empty());
}

// The response of a writer with this error, to a client with or without OPT.
Octets response_with(std::uint16_t code, std::string_view text, bool has_opt, std::size_t limit = 512) {
  test::QuerySpec spec{.name = "a.example"};
  if (has_opt) {
    spec.edns_size = 1232;
  }
  const Octets packet = test::make_query(spec);
  QueryView query;
  parse_query(packet, query);
  Octets out(512);
  ResponseWriter writer(query, out, limit);
  writer.begin(rcode::Refused, flag::RA);
  writer.set_extended_error(code, text);
  out.resize(writer.finish());
  return out;
}

TEST(ExtendedError, IsWrittenForClientsWithAnOpt) {
  const Octets response = response_with(extended_error::Blocked, "by policy", true);
  const auto reply = parse_reply(response);
  ASSERT_TRUE(reply);
  EXPECT_EQ(extended_error_of(*reply).code, extended_error::Blocked);
  EXPECT_EQ(extended_error_of(*reply).text, "by policy");
  const auto read = test::read_reply(response);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->rcode, "REFUSED");
  EXPECT_EQ(read->opt_options_size, 6U + 9U);

  EXPECT_FALSE(test::read_reply(response_with(extended_error::Blocked, "", false))->has_opt);
  EXPECT_EQ(test::read_reply(response_with(extended_error::None, "", true))->opt_options_size, 0U);
}

TEST(ExtendedError, IsLeftOutWhereThereIsNoRoom) {
  const Octets response = response_with(extended_error::Blocked, "by policy", true, 12 + 15 + 11 + 10);
  EXPECT_EQ(test::read_reply(response)->opt_options_size, 0U);
}

TEST(ExtendedError, LongTextsAreCut) {
  const std::string text(400, 'x');
  EXPECT_EQ(ExtendedError(1, text).option_size(), 6U + 255U);
}

TEST(ExtendedError, GoesIntoForwardedResponsesWithinTheLimit) {
  Octets message = test::header(1, 0x8180, {1, 0, 0, 0});
  const Octets question = {1, 'a', 0, 0, 1, 0, 1};
  test::append(message, question);
  for (std::uint8_t i = 0; i < 40; ++i) {
    test::add_record(message, 1, test::a_record(i));
  }
  const auto reply = parse_reply(message);
  ASSERT_TRUE(reply);
  AskerView asker{
      .id = 7, .flags = 0x0100, .edns = {.present = true, .udp_payload = 1232}, .question = question};
  Octets out(1232);
  const std::size_t size = write_forwarded(asker, *reply, out, 512, extended_error::StaleAnswer);
  ASSERT_LE(size, 512U);
  const auto passed_on = parse_reply(std::span(out).first(size));
  ASSERT_TRUE(passed_on);
  EXPECT_TRUE(passed_on->is_truncated());
  EXPECT_EQ(extended_error_of(*passed_on).code, extended_error::StaleAnswer);
  asker.edns.present = false;
  const std::size_t bare = write_forwarded(asker, *reply, out, 512, extended_error::StaleAnswer);
  EXPECT_FALSE(parse_reply(std::span(out).first(bare))->has_opt());
}

}  // namespace
}  // namespace meshdns::wire
