// What who looks at the cache is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/wire/record_text.hpp"
#include "tests/dns/cache/cache_fixture.hpp"

namespace meshdns::cache {
namespace {

class KeptReplyTest : public CacheFixture {
 protected:
  std::optional<KeptReply> look(const QuerySpec& spec) const {
    const Octets packet = make_query(spec);
    wire::QueryView query;
    EXPECT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
    return cache->look(CacheKey::of(query), now);
  }

  static std::string record_of(const KeptReply& reply) {
    const auto texts = wire::record_texts(reply.message);
    return texts.size() == 1 ? texts[0].name + " " + std::to_string(texts[0].ttl) + " " + texts[0].type +
                                   " " + texts[0].data
                             : std::to_string(texts.size()) + " records";
  }
};

TEST_F(KeptReplyTest, HasAgeAndWhatIsLeft) {
  learn_address("www.example.org", 300);
  now += 10'500ms;
  const auto reply = look({.name = "WWW.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->kind, Kind::Success);
  EXPECT_EQ(reply->age, 10s);
  EXPECT_EQ(reply->left, 289s);
  EXPECT_EQ(record_of(*reply), "www.example.org. 290 A 10.0.0.1");
  EXPECT_FALSE(look({.name = "example.org"}));
  EXPECT_FALSE(look({.name = "www.example.org", .type = "AAAA"}));
  EXPECT_EQ(counters.success_hits.value() + counters.misses.value(), 0U) << "looking is not asking";
}

TEST_F(KeptReplyTest, SaysWhatIsOver) {
  options.stale.emplace().max_age = 60s;
  use(options);
  learn_address("www.example.org", 30);
  now += 45s;
  auto reply = look({.name = "www.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->left, -15s);
  EXPECT_TRUE(reply->is_usable_stale);
  EXPECT_EQ(record_of(*reply), "www.example.org. 0 A 10.0.0.1");
  now += 50s;
  reply = look({.name = "www.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->is_usable_stale);
}

TEST_F(KeptReplyTest, SaysWhatFailed) {
  learn_failure({.name = "www.example.org"});
  const auto reply = look({.name = "www.example.org"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->kind, Kind::Failure);
  EXPECT_EQ(reply->rcode, wire::rcode::ServFail);
}

}  // namespace
}  // namespace meshdns::cache
