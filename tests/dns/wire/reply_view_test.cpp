#include "dns/wire/reply_view.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <gtest/gtest.h>

#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;

Octets reply_to(const std::string& name, std::uint16_t flags = 0x8180) {
  return make_query({.name = name, .flags = flags});
}

TEST(ParseReply, LocatesTheRecordsAndTheOpt) {
  Octets message = reply_to("www.example.com");
  const std::size_t question_size = message.size() - kHeaderSize;
  add_record(message, 1, a_record(1));
  const std::size_t opt_at = message.size();
  add_record(message, 3, opt_record(1));
  const auto view = parse_reply(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->question_size, question_size);
  EXPECT_EQ(view->records_end, message.size());
  EXPECT_EQ(view->opt_offset, opt_at);
  EXPECT_EQ(view->opt_size, 11U);
  EXPECT_EQ(view->extended_rcode, 16);
  EXPECT_FALSE(view->is_truncated());
}

TEST(ParseReply, LeavesOctetsAfterTheLastRecordOut) {
  Octets message = reply_to("www.example.com");
  add_record(message, 1, a_record(1));
  const std::size_t end = message.size();
  message.insert(message.end(), {1, 2, 3});
  const auto view = parse_reply(message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->records_end, end);
}

TEST(ParseReply, AcceptsAnErrorWithoutQuestion) {
  const auto view = parse_reply(header(1, 0x8182, {0, 0, 0, 0}));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->question_size, 0U);
  EXPECT_EQ(view->extended_rcode, rcode::ServFail);
}

TEST(ParseReply, RefusesWhatIsNoReply) {
  EXPECT_FALSE(parse_reply(make_query({.name = "www.example.com"}))) << "QR clear";
  EXPECT_FALSE(parse_reply(Octets(11, 0xFF))) << "no header";
  EXPECT_FALSE(parse_reply(header(1, 0x8180, {2, 0, 0, 0}))) << "two questions";
  EXPECT_FALSE(parse_reply(header(1, 0x8180, {1, 0, 0, 0}))) << "no question where one is announced";
}

TEST(ParseReply, RefusesAnOptThatIsTwiceOrInAnotherPlaceOrNotOwnedByTheRoot) {
  Octets twice = reply_to("www.example.com");
  add_record(twice, 3, opt_record());
  add_record(twice, 3, opt_record());
  EXPECT_FALSE(parse_reply(twice));

  for (const unsigned section : {1U, 2U}) {
    Octets elsewhere = reply_to("www.example.com");
    add_record(elsewhere, section, opt_record());
    EXPECT_FALSE(parse_reply(elsewhere)) << section;
  }

  Octets owned = reply_to("www.example.com");
  add_record(owned, 3, record(type::OPT, {}));
  EXPECT_FALSE(parse_reply(owned));
}

TEST(ParseReply, RefusesAReplyCutAnywhere) {
  Octets whole = reply_to("www.example.com");
  add_record(whole, 1, a_record(1));
  add_record(whole, 2, a_record(2));
  add_record(whole, 3, opt_record());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_reply(cut)) << size;
  }
  EXPECT_TRUE(parse_reply(whole));
}

// The question of reply_to("www.example.com") is at 12, the first record behind it at 33.
constexpr unsigned kFirstRecord = 33;

Octets pointer_to(unsigned offset) {
  return {static_cast<std::uint8_t>(0xC0 | offset >> 8), static_cast<std::uint8_t>(offset)};
}

Octets labels_then(Octets labels, unsigned offset) {
  append(labels, pointer_to(offset));
  return labels;
}

TEST(ParseReply, RefusesNamesThatNeverEnd) {
  const std::pair<const char*, Octets> names[] = {
      {"a pointer to itself", pointer_to(kFirstRecord)},
      {"a pointer to the labels in front of it", labels_then({1, 'a'}, kFirstRecord)},
      {"a pointer into the labels in front of it", labels_then({3, 1, 'a', 0}, kFirstRecord + 1)},
      {"a pointer forward", pointer_to(kFirstRecord + 2)},
      {"a pointer behind the message", pointer_to(0x3FFF)},
      {"a pointer into the header", pointer_to(4)},
  };
  for (const auto& [what, name] : names) {
    Octets message = reply_to("www.example.com");
    ASSERT_EQ(message.size(), kFirstRecord);
    add_record(message, 1, record(type::TXT, Octets{0}, name));
    EXPECT_FALSE(parse_reply(message)) << what;
  }
  // 63 octets at a time, until it is longer than any name.
  Octets long_name = reply_to("www.example.com");
  unsigned before = 12;
  for (int i = 0; i < 4; ++i) {
    const auto here = static_cast<unsigned>(long_name.size());
    Octets label = name_of({63});
    label.pop_back();
    add_record(long_name, 1, record(type::TXT, Octets{0}, labels_then(label, before)));
    EXPECT_EQ(parse_reply(long_name).has_value(), i < 3) << i;
    before = here;
  }
}

TEST(ParseReply, RefusesNamesInDataThatNeverEnd) {
  const std::pair<std::uint16_t, Octets> kinds[] = {
      {type::CNAME, {}},     {type::NS, {}},         {type::PTR, {}},  {type::DNAME, {}},
      {type::MX, Octets(2)}, {type::SRV, Octets(6)}, {type::SOA, {0}},  // behind the root as its first name
  };
  for (const auto& [kind, before] : kinds) {
    const auto names_at = static_cast<unsigned>(kFirstRecord + 12 + before.size());
    const auto with_name = [&, kind = kind](const Octets& name, std::size_t numbers) {
      Octets data = before;
      append(data, name);
      data.resize(data.size() + (kind == type::SOA ? numbers : 0));
      Octets message = reply_to("www.example.com");
      add_record(message, 1, record(kind, data));
      return parse_reply(message).has_value();
    };
    EXPECT_TRUE(with_name(pointer_to(12), 20)) << kind;
    EXPECT_TRUE(with_name({1, 'a', 0}, 20)) << kind;
    EXPECT_FALSE(with_name(pointer_to(names_at), 20)) << kind;
    EXPECT_FALSE(with_name(labels_then({1, 'a'}, names_at), 20)) << kind;
    EXPECT_FALSE(with_name({5, 'a'}, 0)) << kind << ": the name is longer than the data";
    EXPECT_FALSE(with_name({}, 0)) << kind << ": no name";
  }
}

// Each record is owned by a pointer to the owner of the one before.
TEST(ParseReply, RefusesChainsOfPointersThatCostTime) {
  Octets message = reply_to("www.example.com");
  unsigned before = 12;
  for (int i = 0; i < 1000; ++i) {
    const auto here = static_cast<unsigned>(message.size());
    add_record(message, 1, record(type::TXT, Octets{0}, pointer_to(before)));
    before = here;
  }
  EXPECT_FALSE(parse_reply(message));
}

TEST(ParseReply, SurvivesRandomOctets) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> octet(0, 255);
  std::uniform_int_distribution<std::size_t> length(0, 90);
  for (int round = 0; round < 100'000; ++round) {
    Octets message(length(random));
    std::ranges::generate(message, [&] { return static_cast<std::uint8_t>(octet(random)); });
    if (message.size() >= kHeaderSize) {
      const Octets start =
          header(1, 0x8000, {message[5] & 1U, message[7] & 1U, message[9] & 1U, message[11] & 3U});
      std::ranges::copy(start, message.begin());
    }
    if (const auto view = parse_reply(message)) {
      ASSERT_LE(view->records_end, message.size());
      ASSERT_LE(view->opt_offset + view->opt_size, view->records_end);
      ASSERT_LE(kHeaderSize + view->question_size, view->records_end);
    }
  }
}

class ReplyMatchesTest : public testing::Test {
 protected:
  Octets query = make_query({.name = "WwW.Example.com", .id = 0x4242});
  std::span<const std::uint8_t> question = std::span(query).subspan(kHeaderSize);

  static Octets reply(QuerySpec spec) {
    spec.flags = 0x8180;
    return make_query(spec);
  }
};

TEST_F(ReplyMatchesTest, AcceptsTheQuestionInAnyCase) {
  EXPECT_TRUE(reply_matches(reply({.name = "WwW.Example.com", .id = 0x4242}), 0x4242, question));
  EXPECT_TRUE(reply_matches(reply({.name = "www.example.com", .id = 0x4242}), 0x4242, question));
  EXPECT_TRUE(reply_matches(reply({.name = "WWW.EXAMPLE.COM", .id = 0x4242}), 0x4242, question));
}

TEST_F(ReplyMatchesTest, RefusesAnyOtherQuestion) {
  EXPECT_FALSE(reply_matches(reply({.name = "www.example.com", .id = 0x4243}), 0x4242, question)) << "id";
  EXPECT_FALSE(reply_matches(reply({.name = "www.example.org", .id = 0x4242}), 0x4242, question)) << "name";
  EXPECT_FALSE(reply_matches(reply({.name = "example.com", .id = 0x4242}), 0x4242, question))
      << "shorter name";
  EXPECT_FALSE(reply_matches(reply({.name = "a.www.example.com", .id = 0x4242}), 0x4242, question))
      << "longer name";
  EXPECT_FALSE(
      reply_matches(reply({.name = "www.example.com", .type = "AAAA", .id = 0x4242}), 0x4242, question));
  EXPECT_FALSE(
      reply_matches(reply({.name = "www.example.com", .id = 0x4242, .qclass = 3}), 0x4242, question));
  EXPECT_FALSE(reply_matches(query, 0x4242, question)) << "a query is no reply";
  EXPECT_FALSE(reply_matches({}, 0x4242, question));
}

TEST_F(ReplyMatchesTest, AcceptsAMissingQuestionOnlyWithAnError) {
  EXPECT_TRUE(reply_matches(header(0x4242, 0x8181, {0, 0, 0, 0}), 0x4242, question));
  EXPECT_FALSE(reply_matches(header(0x4242, 0x8180, {0, 0, 0, 0}), 0x4242, question));
  EXPECT_FALSE(reply_matches(header(0x4243, 0x8181, {0, 0, 0, 0}), 0x4242, question));
}

TEST_F(ReplyMatchesTest, RefusesAReplyThatEndsInsideTheQuestion) {
  const Octets whole = reply({.name = "www.example.com", .id = 0x4242});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(reply_matches(cut, 0x4242, question)) << size;
  }
}

}  // namespace
}  // namespace meshdns::wire
