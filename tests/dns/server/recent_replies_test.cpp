#include "dns/server/recent_replies.hpp"

#include <chrono>
#include <string>

#include <gmock/gmock.h>

#include "tests/support/dns_message.hpp"

namespace meshdns::server {
namespace {

using namespace std::chrono_literals;
using test::Octets;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

const RecentReplies::Time kNow{std::chrono::hours(1)};

// A client's query, and what it was told: the question again, and so many octets.
struct Exchange {
  explicit Exchange(const std::string& name, std::uint16_t id = 0x1234, std::size_t more = 16)
      : packet(test::make_query({.name = name, .id = id})), response(packet) {
    response.resize(response.size() + more, static_cast<std::uint8_t>(id));
    query.client = *SocketAddress::parse("192.0.2.7:4711", 0);
    query.id = id;
    query.flags = 0x0100;
    query.limit = 1232;
    query.question = std::span(packet).subspan(12);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Octets packet;
  Octets response;
  RepeatedQuery query;
};

TEST(RecentReplies, AreFoundForTheSameQueryForFiveSeconds) {
  const Exchange asked("www.example.org");
  RecentReplies replies;
  EXPECT_TRUE(replies.is_empty());
  EXPECT_THAT(replies.find(asked.query, kNow), IsEmpty());
  replies.keep(asked.query, asked.response, kNow);
  EXPECT_FALSE(replies.is_empty());
  EXPECT_THAT(replies.find(asked.query, kNow + 4999ms), ElementsAreArray(asked.response));
  EXPECT_THAT(replies.find(asked.query, kNow + 5s), IsEmpty());
}

TEST(RecentReplies, AreForNobodyElseAndNothingElse) {
  const Exchange asked("www.example.org");
  RecentReplies replies;
  replies.keep(asked.query, asked.response, kNow);
  const auto is_other = [&](auto change) {
    RepeatedQuery other = asked.query;
    change(other);
    return replies.find(other, kNow).empty();
  };
  EXPECT_TRUE(is_other([](RepeatedQuery& other) { ++other.id; }));
  EXPECT_TRUE(is_other([](RepeatedQuery& other) { ++other.client.port; }));
  EXPECT_TRUE(is_other([](RepeatedQuery& other) { other.client.ip.octets[15] = 1; }));
  EXPECT_TRUE(is_other([](RepeatedQuery& other) { other.flags = 0; }));
  EXPECT_TRUE(is_other([](RepeatedQuery& other) { other.limit = 512; }));
  EXPECT_TRUE(is_other([](RepeatedQuery& other) { ++other.generation; }));
  EXPECT_TRUE(is_other([&](RepeatedQuery& other) { other.block = &other; }));
  EXPECT_TRUE(is_other([](RepeatedQuery& other) { other.edns = {.present = true, .dnssec_ok = true}; }));
  const Exchange cased("www.Example.org");
  EXPECT_THAT(replies.find(cased.query, kNow), IsEmpty()) << "its question comes back as it was written";
  const Exchange longer("a.www.example.org");
  EXPECT_THAT(replies.find(longer.query, kNow), IsEmpty());
  EXPECT_FALSE(is_other([](RepeatedQuery&) {}));
}

// Whatever comes and goes: what is found is what was kept, and the last one is always there.
TEST(RecentReplies, MakeRoomForNewOnes) {
  RecentReplies replies;
  const Exchange first("first.example.org", 1);
  replies.keep(first.query, first.response, kNow);
  for (unsigned i = 2; i < 3000; ++i) {
    const Exchange next("n" + std::to_string(i) + ".example.org", static_cast<std::uint16_t>(i), i % 700);
    replies.keep(next.query, next.response, kNow);
    ASSERT_THAT(replies.find(next.query, kNow), ElementsAreArray(next.response)) << i;
  }
  EXPECT_THAT(replies.find(first.query, kNow), IsEmpty());
  const Exchange largest("largest.example.org", 9, 65'000);
  replies.keep(largest.query, largest.response, kNow);
  EXPECT_THAT(replies.find(largest.query, kNow), ElementsAreArray(largest.response));
}

}  // namespace
}  // namespace meshdns::server
