#include <algorithm>
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"
#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;

// What has to hold of a view whatever the packet.
void expect_sane(const Octets& packet, const QueryView& view, QueryVerdict verdict) {
  if (verdict == QueryVerdict::Drop) {
    ASSERT_TRUE(packet.size() < kHeaderSize || (packet[2] & 0x80) != 0);
    return;
  }
  ASSERT_EQ(view.id, load16(packet.data()));
  ASSERT_LE(kHeaderSize + view.question().size(), packet.size());
  if (verdict == QueryVerdict::Ok || verdict == QueryVerdict::BadVers) {
    ASSERT_TRUE(view.has_question());
  }
  if (view.has_question()) {
    ASSERT_EQ(skip_name(packet, kHeaderSize), kHeaderSize + view.qname_size);
    for (std::size_t i = view.qname_size; i % 8 != 0; ++i) {
      ASSERT_EQ(view.folded[i], 0) << "not padded";
    }
  }
}

void expect_readable_error(const QueryView& view, QueryVerdict verdict) {
  std::array<std::uint8_t, 512> out;
  const bool header_only = verdict == QueryVerdict::NotImp || !view.has_question();
  const auto reply = read_reply({out.data(), write_error(view, rcode::FormErr, out, header_only)});
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->id, view.id);
}

TEST(ParseQuery, SurvivesAMessageCutAnywhere) {
  const Octets options = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  const Octets whole = make_query({.name = "backend.mesh", .edns_size = 1232, .edns_options = options});
  const std::size_t question_end = kHeaderSize + 14 + 4;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    QueryView view;
    const QueryVerdict verdict = parse_query(cut, view);
    const QueryVerdict expected = size < kHeaderSize     ? QueryVerdict::Drop
                                  : size == whole.size() ? QueryVerdict::Ok
                                                         : QueryVerdict::FormErr;
    EXPECT_EQ(verdict, expected) << size;
    EXPECT_EQ(view.has_question(), size >= question_end) << size;
    expect_sane(cut, view, verdict);
  }
}

TEST(ParseQuery, SurvivesRandomOctets) {
  std::mt19937 random(20240229);
  std::uniform_int_distribution<int> octet(0, 255);
  std::uniform_int_distribution<std::size_t> length(0, 90);
  for (int round = 0; round < 100'000; ++round) {
    Octets packet(length(random));
    std::ranges::generate(packet, [&] { return static_cast<std::uint8_t>(octet(random)); });
    if (round % 2 == 0 && packet.size() >= kHeaderSize) {  // far enough to reach the records
      const Octets start = header(1, 0, {1, packet[7] & 1U, packet[9] & 1U, packet[11] & 3U});
      std::ranges::copy(start, packet.begin());
    }
    QueryView view;
    const QueryVerdict verdict = parse_query(packet, view);
    ASSERT_NO_FATAL_FAILURE(expect_sane(packet, view, verdict));
    if (verdict != QueryVerdict::Drop) {
      ASSERT_NO_FATAL_FAILURE(expect_readable_error(view, verdict));
    }
  }
}

TEST(ParseQuery, SurvivesEverySingleBrokenOctet) {
  const Octets whole =
      make_query({.name = "a.backend.mesh", .edns_size = 1232, .edns_options = {0, 3, 0, 0}});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      Octets packet = whole;
      packet[at] = static_cast<std::uint8_t>(value);
      QueryView view;
      const QueryVerdict verdict = parse_query(packet, view);
      ASSERT_NO_FATAL_FAILURE(expect_sane(packet, view, verdict));
    }
  }
}

}  // namespace
}  // namespace meshdns::wire
