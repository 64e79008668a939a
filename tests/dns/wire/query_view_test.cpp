#include "dns/wire/query_view.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;

struct Parsed {
  Octets packet;
  QueryView view;
  QueryVerdict verdict;
};

// The view points into the packet, whose storage must stay.
std::unique_ptr<Parsed> parse(Octets packet) {
  auto parsed = std::make_unique<Parsed>();
  parsed->packet = std::move(packet);
  parsed->verdict = parse_query(parsed->packet, parsed->view);
  return parsed;
}

QueryVerdict verdict_of(const Octets& packet) {
  return parse(packet)->verdict;
}

Octets with_flags(std::uint16_t flags) {
  return make_query({.name = "backend.mesh", .flags = flags});
}

TEST(ParseQuery, ReadsAPlainQuery) {
  const auto parsed = parse(make_query({.name = "BackEnd.Mesh", .type = "AAAA", .id = 0xBEEF}));
  EXPECT_EQ(parsed->verdict, QueryVerdict::Ok);
  const QueryView& view = parsed->view;
  EXPECT_EQ(view.id, 0xBEEF);
  EXPECT_EQ(view.qtype, type::AAAA);
  EXPECT_EQ(view.qclass, klass::IN);
  EXPECT_EQ(view.flags, flag::RD);
  EXPECT_FALSE(view.edns.present);
  const std::string exact(view.qname().begin(), view.qname().end());
  const std::string folded(view.folded_qname().begin(), view.folded_qname().end());
  EXPECT_EQ(exact, std::string("\7BackEnd\4Mesh\0", 14));
  EXPECT_EQ(folded, std::string("\7backend\4mesh\0", 14));
  EXPECT_EQ(view.question().size(), 14U + 4U);
}

TEST(ParseQuery, ReadsTheRootName) {
  const auto parsed = parse(make_query({.name = ".", .type = "NS"}));
  EXPECT_EQ(parsed->verdict, QueryVerdict::Ok);
  EXPECT_EQ(parsed->view.qname_size, 1);
}

TEST(ParseQuery, JudgesTheHeader) {
  EXPECT_EQ(verdict_of(with_flags(0)), QueryVerdict::Ok) << "RD clear";
  EXPECT_EQ(verdict_of(with_flags(0x8100)), QueryVerdict::Drop) << "a response";
  EXPECT_EQ(verdict_of(with_flags(0x0040)), QueryVerdict::Ok) << "Z bit";
  EXPECT_EQ(verdict_of(with_flags(0x0030)), QueryVerdict::Ok) << "AD and CD";
  EXPECT_EQ(verdict_of(with_flags(0x0200)), QueryVerdict::Ok) << "TC means nothing in a query";
  for (std::uint16_t opcode = 1; opcode < 16; ++opcode) {
    EXPECT_EQ(verdict_of(with_flags(static_cast<std::uint16_t>(opcode << 11))), QueryVerdict::NotImp)
        << opcode;
  }
}

TEST(ParseQuery, DropsAResponseWhateverElseIsWrongWithIt) {
  EXPECT_EQ(verdict_of(header(1, 0xF800, {0, 0, 0, 0})), QueryVerdict::Drop);
}

TEST(ParseQuery, WantsExactlyOneQuestion) {
  for (const unsigned count : {0U, 2U, 65535U}) {
    Octets packet = make_query({.name = "backend.mesh"});
    store16(&packet[4], static_cast<std::uint16_t>(count));
    const auto parsed = parse(packet);
    EXPECT_EQ(parsed->verdict, QueryVerdict::FormErr) << count;
    EXPECT_FALSE(parsed->view.has_question()) << count;
  }
}

TEST(ParseQuery, RefusesAQuestionThatIsAnnouncedButMissing) {
  const auto parsed = parse(header(7, 0x0100, {1, 0, 0, 0}));
  EXPECT_EQ(parsed->verdict, QueryVerdict::FormErr);
  EXPECT_FALSE(parsed->view.has_question());
  EXPECT_TRUE(parsed->view.question().empty());
}

TEST(ParseQuery, IgnoresOctetsAfterTheMessage) {
  Octets packet = make_query({.name = "backend.mesh"});
  packet.insert(packet.end(), {1, 2, 3, 4, 5});
  EXPECT_EQ(verdict_of(packet), QueryVerdict::Ok);
}

Octets question_with_name(const Octets& name) {
  Octets packet = header(1, 0, {1, 0, 0, 0});
  append(packet, name);
  append16(packet, type::A);
  append16(packet, klass::IN);
  return packet;
}

TEST(ParseQuery, HoldsNamesToTheirLimits) {
  const Octets longest = name_of({63, 63, 63, 61});
  ASSERT_EQ(longest.size(), 255U);
  const auto parsed = parse(question_with_name(longest));
  EXPECT_EQ(parsed->verdict, QueryVerdict::Ok);
  EXPECT_EQ(parsed->view.qname_size, 255);
  EXPECT_EQ(verdict_of(question_with_name(name_of({63, 63, 63, 62}))), QueryVerdict::FormErr) << "256 octets";
  EXPECT_EQ(verdict_of(question_with_name(name_of({63, 63, 63, 63}))), QueryVerdict::FormErr) << "257 octets";
  EXPECT_EQ(verdict_of(question_with_name(name_of({63}))), QueryVerdict::Ok);
  EXPECT_EQ(verdict_of(question_with_name(name_of({64}))), QueryVerdict::FormErr) << "reserved label type 01";
  EXPECT_EQ(verdict_of(question_with_name(name_of({128}))), QueryVerdict::FormErr)
      << "reserved label type 10";
  Octets many;
  for (int i = 0; i < 127; ++i) {
    many.insert(many.end(), {1, 'a'});
  }
  many.push_back(0);
  EXPECT_EQ(verdict_of(question_with_name(many)), QueryVerdict::Ok) << "127 labels";
}

TEST(ParseQuery, RefusesCompressionInTheQuestion) {
  EXPECT_EQ(verdict_of(question_with_name({0xC0, 12})), QueryVerdict::FormErr) << "a pointer to itself";
  EXPECT_EQ(verdict_of(question_with_name({1, 'a', 0xC0, 4})), QueryVerdict::FormErr) << "into the header";
  EXPECT_EQ(verdict_of(question_with_name({0xC0})), QueryVerdict::FormErr);
}

TEST(ParseQuery, ReadsTheOpt) {
  const auto parsed = parse(make_query({.name = "a.mesh", .edns_size = 1400, .dnssec_ok = true}));
  EXPECT_EQ(parsed->verdict, QueryVerdict::Ok);
  EXPECT_TRUE(parsed->view.edns.present);
  EXPECT_TRUE(parsed->view.edns.dnssec_ok);
  EXPECT_EQ(parsed->view.edns.udp_payload, 1400);
  EXPECT_FALSE(parse(make_query({.name = "a.mesh", .edns_size = 0}))->view.edns.dnssec_ok);
}

TEST(ParseQuery, AcceptsAnyOptionsInTheOpt) {
  const Octets cookie_and_rubbish = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0xFF, 0xFF, 0xFF};
  const auto parsed =
      parse(make_query({.name = "a.mesh", .edns_size = 1232, .edns_options = cookie_and_rubbish}));
  EXPECT_EQ(parsed->verdict, QueryVerdict::Ok);
}

TEST(ParseQuery, TellsAnUnknownEdnsVersion) {
  const auto parsed = parse(make_query({.name = "a.mesh", .edns_size = 1232, .edns_version = 1}));
  EXPECT_EQ(parsed->verdict, QueryVerdict::BadVers);
  EXPECT_TRUE(parsed->view.has_question());
  EXPECT_TRUE(parsed->view.edns.present);
}

TEST(ParseQuery, RefusesTwoOpts) {
  Octets packet = make_query({.name = "a.mesh", .edns_size = 1232});
  add_record(packet, 3, opt_record());
  const auto parsed = parse(packet);
  EXPECT_EQ(parsed->verdict, QueryVerdict::FormErr);
  EXPECT_TRUE(parsed->view.has_question());
}

TEST(ParseQuery, RefusesAnOptThatTheRootDoesNotOwn) {
  for (const Octets& owner : {Octets{1, 'a', 0}, Octets{0xC0, 12}}) {
    Octets packet = make_query({.name = "a.mesh"});
    Octets opt = opt_record();
    opt.erase(opt.begin());
    opt.insert(opt.begin(), owner.begin(), owner.end());
    add_record(packet, 3, opt);
    EXPECT_EQ(verdict_of(packet), QueryVerdict::FormErr);
  }
}

TEST(ParseQuery, FindsTheOptAmongOtherRecords) {
  Octets packet = make_query({.name = "a.mesh"});
  add_record(packet, 1, a_record(1));
  add_record(packet, 2, a_record(2));
  add_record(packet, 3, a_record(3));
  add_record(packet, 3, opt_record(0, {}, 1300));
  add_record(packet, 3, a_record(4));
  const auto parsed = parse(packet);
  EXPECT_EQ(parsed->verdict, QueryVerdict::Ok);
  EXPECT_EQ(parsed->view.edns.udp_payload, 1300);
}

TEST(ParseQuery, TakesNoOptFromAnotherSection) {
  for (const unsigned section : {1U, 2U}) {
    Octets packet = make_query({.name = "a.mesh"});
    add_record(packet, section, opt_record());
    const auto parsed = parse(packet);
    EXPECT_EQ(parsed->verdict, QueryVerdict::Ok) << section;
    EXPECT_FALSE(parsed->view.edns.present) << section;
  }
}

TEST(ParseQuery, RefusesRecordsThatAreAnnouncedButMissing) {
  for (const unsigned count_at : {6U, 8U, 10U}) {
    Octets packet = make_query({.name = "a.mesh"});
    store16(&packet[count_at], 1);
    const auto parsed = parse(packet);
    EXPECT_EQ(parsed->verdict, QueryVerdict::FormErr) << count_at;
    EXPECT_TRUE(parsed->view.has_question()) << count_at;
  }
}

TEST(SkipName, StopsBehindTheRootLabelOrThePointer) {
  const Octets plain = {1, 'a', 0, 9};
  const Octets pointing = {1, 'a', 0xC0, 0, 9};
  EXPECT_EQ(skip_name(plain, 0), 3U);
  EXPECT_EQ(skip_name(plain, 2), 3U);
  EXPECT_EQ(skip_name(pointing, 0), 4U);
}

TEST(SkipName, FindsNoEndOfABrokenName) {
  EXPECT_EQ(skip_name(Octets{5, 'a'}, 0), 0U);
  EXPECT_EQ(skip_name(Octets{1, 'a'}, 0), 0U);
  EXPECT_EQ(skip_name(Octets{0xC0}, 0), 0U);
  EXPECT_EQ(skip_name(Octets{0x41, 'a', 0}, 0), 0U);
  EXPECT_EQ(skip_name(Octets{0}, 1), 0U);
}

}  // namespace
}  // namespace meshdns::wire
