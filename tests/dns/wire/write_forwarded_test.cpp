#include <gtest/gtest.h>

#include "dns/wire/reply_view.hpp"
#include "dns/wire/response_writer.hpp"
#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;

class WriteForwardedTest : public testing::Test {
 protected:
  Octets query = make_query({.name = "WwW.Example.com", .id = 0x4242});
  AskerView asker{0x4242, flag::RD, {}, std::span(query).subspan(kHeaderSize)};
  Octets upstream = make_query({.name = "www.example.com", .id = 0x9999, .flags = 0x8180});

  Reply pass_on(std::size_t limit = kPlainUdpLimit) {
    const auto view = parse_reply(upstream);
    EXPECT_TRUE(view);
    Octets out(kMaxMessageSize);
    const std::size_t size = view ? write_forwarded(asker, *view, out, limit) : 0;
    EXPECT_LE(size, limit);
    const auto reply = read_reply({out.data(), size});
    EXPECT_TRUE(reply);
    return reply.value_or(Reply{});
  }
};

TEST_F(WriteForwardedTest, AnswersTheClientsIdCaseAndRd) {
  add_record(upstream, 1, a_record(1));
  const Reply reply = pass_on();
  EXPECT_EQ(reply.id, 0x4242);
  EXPECT_EQ(reply.question, "WwW.Example.com. IN A");
  EXPECT_EQ(reply.answer, std::vector<std::string>{"WwW.Example.com. 60 IN A 10.0.0.1"});
  EXPECT_TRUE(reply.qr && reply.rd && reply.ra);
  EXPECT_FALSE(reply.aa || reply.tc || reply.cd);
  asker.flags = flag::CD;
  const Reply other = pass_on();
  EXPECT_FALSE(other.rd);
  EXPECT_TRUE(other.cd);
}

TEST_F(WriteForwardedTest, SetsRaEvenIfTheUpstreamDidNot) {
  store16(&upstream[2], 0x8000);
  EXPECT_TRUE(pass_on().ra);
}

TEST_F(WriteForwardedTest, PassesRcodeAaAndTcThrough) {
  store16(&upstream[2], 0x8000 | flag::AA | flag::TC | rcode::NXDomain);
  const Reply reply = pass_on();
  EXPECT_EQ(reply.rcode, "NXDOMAIN");
  EXPECT_TRUE(reply.aa && reply.tc);
}

TEST_F(WriteForwardedTest, GivesAdOnlyToWhoAskedForIt) {
  store16(&upstream[2], 0x8000 | flag::AD);
  EXPECT_FALSE(pass_on().ad);
  asker.flags = flag::AD;
  EXPECT_TRUE(pass_on().ad);
  asker.flags = 0;
  asker.edns = {.present = true, .dnssec_ok = true};
  EXPECT_TRUE(pass_on().ad);
  store16(&upstream[2], 0x8000);
  EXPECT_FALSE(pass_on().ad);
}

TEST_F(WriteForwardedTest, LeavesTheOptOutForAClientWithoutEdns) {
  add_record(upstream, 1, a_record(1));
  add_record(upstream, 3, opt_record(0, Octets{0, 10, 0, 4, 1, 2, 3, 4}));
  const Reply reply = pass_on();
  EXPECT_FALSE(reply.has_opt);
  EXPECT_EQ(reply.answer.size(), 1U);
}

TEST_F(WriteForwardedTest, ReplacesTheOptByOurs) {
  add_record(upstream, 1, a_record(1));
  add_record(upstream, 3, a_record(2));
  add_record(upstream, 3, opt_record(0, Octets{0, 10, 0, 4, 1, 2, 3, 4}));
  asker.edns = {.present = true, .dnssec_ok = true, .udp_payload = 4096};
  const Reply reply = pass_on();
  EXPECT_TRUE(reply.has_opt && reply.opt_dnssec_ok);
  EXPECT_EQ(reply.opt_size, 1232);
  EXPECT_EQ(reply.opt_options_size, 0U);
  EXPECT_EQ(reply.answer.size(), 1U);
  EXPECT_EQ(reply.additional.size(), 1U);
}

TEST_F(WriteForwardedTest, AddsAnOptThatTheUpstreamLeftOut) {
  asker.edns = {.present = true};
  EXPECT_TRUE(pass_on().has_opt);
}

TEST_F(WriteForwardedTest, KeepsAnswersWhereverTheOptStands) {
  for (unsigned before = 0; before < 3; ++before) {
    upstream = make_query({.name = "www.example.com", .flags = 0x8180});
    add_record(upstream, 1, a_record(1));
    add_record(upstream, 2, a_record(2));
    for (unsigned i = 0; i < 3; ++i) {
      if (i == before) {
        add_record(upstream, 3, opt_record());
      }
      add_record(upstream, 3, a_record(static_cast<std::uint8_t>(3 + i)));
    }
    for (const bool with_edns : {false, true}) {
      asker.edns.present = with_edns;
      const Reply reply = pass_on();
      EXPECT_EQ(reply.answer.size(), 1U);
      EXPECT_EQ(reply.authority.size(), 1U);
      EXPECT_EQ(reply.additional.size(), before) << "what stands behind it goes with it";
      EXPECT_EQ(reply.has_opt, with_edns);
      EXPECT_FALSE(reply.tc);
    }
  }
}

TEST_F(WriteForwardedTest, DropsOctetsAfterTheLastRecord) {
  add_record(upstream, 1, a_record(1));
  upstream.insert(upstream.end(), 20, 0xEE);
  EXPECT_EQ(pass_on().answer.size(), 1U);
}

TEST_F(WriteForwardedTest, CutsWholeAnswersAndSaysSo) {
  for (std::uint8_t i = 0; i < 100; ++i) {
    add_record(upstream, 1, a_record(i));
  }
  add_record(upstream, 3, opt_record());
  Reply reply = pass_on();
  EXPECT_TRUE(reply.tc);
  EXPECT_EQ(reply.answer.size(), (512U - query.size()) / 16U) << "as many as fit";
  EXPECT_EQ(reply.answer.front(), "WwW.Example.com. 60 IN A 10.0.0.0");

  asker.edns = {.present = true};
  reply = pass_on(1232);
  EXPECT_TRUE(reply.tc && reply.has_opt);
  EXPECT_EQ(reply.answer.size(), (1232U - 11U - query.size()) / 16U);

  reply = pass_on(kMaxMessageSize);
  EXPECT_FALSE(reply.tc);
  EXPECT_EQ(reply.answer.size(), 100U);
}

TEST_F(WriteForwardedTest, CutsTheRestWithoutATc) {
  add_record(upstream, 1, a_record(1));
  add_record(upstream, 2, a_record(2));
  for (std::uint8_t i = 0; i < 60; ++i) {
    add_record(upstream, 3, a_record(i));
  }
  const Reply reply = pass_on();
  EXPECT_FALSE(reply.tc);
  EXPECT_EQ(reply.answer.size(), 1U);
  EXPECT_EQ(reply.authority.size(), 1U);
  EXPECT_GT(reply.additional.size(), 20U);
}

TEST_F(WriteForwardedTest, KeepsNothingBehindARecordThatWasCut) {
  add_record(upstream, 1, record(type::TXT, Octets(600)));
  add_record(upstream, 1, a_record(1));
  add_record(upstream, 2, a_record(2));
  const Reply reply = pass_on();
  EXPECT_TRUE(reply.tc);
  EXPECT_TRUE(reply.answer.empty());
  EXPECT_TRUE(reply.authority.empty());
}

TEST_F(WriteForwardedTest, FillsTheLimitExactly) {
  const std::size_t rdata = 512 - upstream.size() - 12;
  add_record(upstream, 1, record(type::TXT, Octets(rdata)));
  const Reply reply = pass_on();
  EXPECT_FALSE(reply.tc);
  EXPECT_EQ(reply.octets.size(), 512U);
  asker.edns.present = true;
  EXPECT_TRUE(pass_on().tc) << "the OPT needs its room";
}

TEST_F(WriteForwardedTest, PassesAnExtendedRcodeOnlyToWhoCanReadIt) {
  store16(&upstream[2], 0x8187);
  add_record(upstream, 3, opt_record(1));  // 16 + 7: BADCOOKIE
  EXPECT_EQ(pass_on().rcode, "SERVFAIL");
  asker.edns.present = true;
  const Reply reply = pass_on();
  EXPECT_EQ(reply.flags & flag::RcodeMask, 7);
  EXPECT_EQ(reply.octets[reply.octets.size() - 6], 1);
}

TEST_F(WriteForwardedTest, GivesAQuestionToAnErrorWithoutOne) {
  upstream = header(1, 0x8185, {0, 0, 0, 0});
  const Reply reply = pass_on();
  EXPECT_EQ(reply.rcode, "REFUSED");
  EXPECT_EQ(reply.question, "WwW.Example.com. IN A");
}

TEST_F(WriteForwardedTest, RefusesAQuestionOfAnotherSize) {
  upstream = make_query({.name = "ww.example.com", .flags = 0x8180});
  Octets out(512);
  EXPECT_EQ(write_forwarded(asker, *parse_reply(upstream), out, 512), 0U);
}

TEST_F(WriteForwardedTest, AddsAnExtendedErrorForAClientWithEdns) {
  add_record(upstream, 1, a_record(1));
  for (const bool with_edns : {false, true}) {
    asker.edns = {.present = with_edns};
    Octets out(kMaxMessageSize);
    const auto view = parse_reply(upstream);
    out.resize(write_forwarded(asker, *view, out, out.size(), extended_error::StaleAnswer));
    const Reply reply = read_reply(out).value();
    EXPECT_EQ(reply.opt_options_size, with_edns ? 6U : 0U);
    const Octets option = {0, 15, 0, 2, 0, 3};
    EXPECT_EQ(std::equal(option.rbegin(), option.rend(), out.rbegin()), with_edns);
  }
}

}  // namespace
}  // namespace meshdns::wire
