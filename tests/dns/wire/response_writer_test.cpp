#include "dns/wire/response_writer.hpp"

#include <array>

#include <gtest/gtest.h>

#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;

Reply error_for(const Octets& packet, std::uint16_t code, bool header_only = false) {
  QueryView query;
  parse_query(packet, query);
  std::array<std::uint8_t, 512> out;
  const auto reply = read_reply({out.data(), write_error(query, code, out, header_only)});
  EXPECT_TRUE(reply);
  return reply.value_or(Reply{});
}

TEST(ResponseLimit, IsWhatTheClientTakes) {
  const auto limit = [](std::uint16_t payload, std::size_t ceiling) {
    return response_limit({.present = true, .udp_payload = payload}, false, ceiling);
  };
  EXPECT_EQ(response_limit({}, false, 4096), 512U) << "no EDNS";
  EXPECT_EQ(limit(0, 4096), 512U) << "RFC 6891 6.2.3: below 512 means 512";
  EXPECT_EQ(limit(511, 4096), 512U);
  EXPECT_EQ(limit(1232, 4096), 1232U);
  EXPECT_EQ(limit(4096, 4096), 4096U);
  EXPECT_EQ(limit(65535, 4096), 4096U);
  EXPECT_EQ(limit(4096, 1232), 1232U);
  EXPECT_EQ(limit(4096, 100), 512U) << "a ceiling below 512 makes no sense";
  EXPECT_EQ(response_limit({}, true, 1232), 65535U) << "TCP";
}

TEST(WriteError, RepeatsTheQuestionExactly) {
  const Reply reply =
      error_for(make_query({.name = "wWw.Example.COM", .id = 77, .flags = 0x0110}), rcode::Refused);
  EXPECT_EQ(reply.id, 77);
  EXPECT_EQ(reply.rcode, "REFUSED");
  EXPECT_EQ(reply.question, "wWw.Example.COM. IN A");
  EXPECT_TRUE(reply.qr && reply.rd && reply.cd);
  EXPECT_FALSE(reply.aa || reply.ra || reply.tc || reply.ad);
  EXPECT_FALSE(reply.has_opt);
}

TEST(WriteError, SetsRaOnServfail) {
  EXPECT_TRUE(error_for(make_query({.name = "a.example"}), rcode::ServFail).ra);
}

TEST(WriteError, AnswersAnOptWithOurOwn) {
  const Octets cookie = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  const Reply reply = error_for(
      make_query({.name = "a.example", .edns_size = 4096, .dnssec_ok = true, .edns_options = cookie}),
      rcode::Refused);
  EXPECT_TRUE(reply.has_opt);
  EXPECT_EQ(reply.opt_size, 1232);
  EXPECT_TRUE(reply.opt_dnssec_ok);
  EXPECT_EQ(reply.opt_options_size, 0U) << "no option is reflected";
}

TEST(WriteError, WritesBadversIntoTheOpt) {
  const Reply reply =
      error_for(make_query({.name = "a.example", .edns_size = 4096, .edns_version = 1}), rcode::BadVers);
  EXPECT_EQ(reply.rcode, "BADVERS");
  EXPECT_EQ(reply.question, "a.example. IN A");
  EXPECT_EQ(reply.opt_size, 1232);
  EXPECT_EQ(reply.octets[reply.octets.size() - 5], 0) << "we speak version 0";
}

TEST(WriteError, CanBeAHeaderAlone) {
  const Octets notify = make_query({.name = "a.example", .id = 9, .flags = 0x2110, .edns_size = 1232});
  const Reply reply = error_for(notify, rcode::NotImp, true);
  EXPECT_EQ(reply.octets.size(), 12U);
  EXPECT_EQ(reply.rcode, "NOTIMP");
  EXPECT_EQ(reply.flags & flag::OpcodeMask, 0x2000) << "the opcode is repeated";
  EXPECT_TRUE(reply.rd);
  EXPECT_FALSE(reply.has_opt);
}

TEST(WriteError, LeavesOutAQuestionThatIsNotReadable) {
  const Reply reply = error_for(header(5, 0x0100, {1, 0, 0, 0}), rcode::FormErr);
  EXPECT_EQ(reply.octets.size(), 12U);
  EXPECT_EQ(reply.rcode, "FORMERR");
}

TEST(WriteServfail, NeedsThePacketNoMore) {
  const Octets query = make_query({.name = "Gone.Example"});
  const AskerView asker{
      0x1234, flag::RD, {.present = true, .dnssec_ok = true}, std::span(query).subspan(kHeaderSize)};
  std::array<std::uint8_t, 512> out;
  const auto reply = read_reply({out.data(), write_error(asker, rcode::ServFail, out)});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "SERVFAIL");
  EXPECT_EQ(reply->question, "Gone.Example. IN A");
  EXPECT_TRUE(reply->rd && reply->ra && reply->has_opt && reply->opt_dnssec_ok);
  EXPECT_FALSE(reply->aa || reply->tc || reply->ad);
}

TEST(ResponseWriter, WritesAllOfARecordSetOrNothing) {
  const Octets packet = make_query({.name = "a.example", .edns_size = 512});
  QueryView query;
  ASSERT_EQ(parse_query(packet, query), QueryVerdict::Ok);
  std::array<std::uint8_t, 2048> out;
  ResponseWriter writer(query, out, 512);
  writer.begin(rcode::NoError, flag::AA);
  const std::size_t room = writer.room();
  EXPECT_EQ(room, 512U - 12U - query.question().size() - 11U) << "the OPT has its room from the start";
  EXPECT_FALSE(writer.add(Section::Answer, Octets(room + 1), 1));
  EXPECT_EQ(writer.room(), room);
  EXPECT_TRUE(writer.add(Section::Answer, record(type::TXT, Octets(room - 12)), 1));
  EXPECT_EQ(writer.room(), 0U);
  const auto reply = read_reply({out.data(), writer.finish()});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->octets.size(), 512U);
  EXPECT_EQ(reply->answer.size(), 1U);
  EXPECT_TRUE(reply->has_opt);
}

TEST(ResponseWriter, ForgetsWhatWasWrittenWhenBegunAgain) {
  const Octets packet = make_query({.name = "a.example"});
  QueryView query;
  ASSERT_EQ(parse_query(packet, query), QueryVerdict::Ok);
  std::array<std::uint8_t, 512> out;
  ResponseWriter writer(query, out, 512);
  writer.begin(rcode::NoError, flag::AA);
  writer.add(Section::Answer, a_record(1), 1);
  writer.set_truncated();
  writer.begin(rcode::NXDomain, 0);
  const auto reply = read_reply({out.data(), writer.finish()});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "NXDOMAIN");
  EXPECT_TRUE(reply->answer.empty());
  EXPECT_FALSE(reply->tc || reply->aa);
}

}  // namespace
}  // namespace meshdns::wire
