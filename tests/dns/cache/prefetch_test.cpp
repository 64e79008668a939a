// What is popular is asked again before it is over.
#include <gtest/gtest.h>

#include "tests/dns/cache/cache_fixture.hpp"

namespace meshdns::cache {
namespace {

class PrefetchTest : public CacheFixture {
 protected:
  PrefetchTest() {
    options.prefetch_hits = 3;
    options.prefetch_gap = 60s;
    options.prefetch_percent = 20;
    use(options);
    learn_address("example.org", 100);
  }

  bool is_due() { return find({.name = "example.org"}).must_ask; }
};

TEST_F(PrefetchTest, IsDueForAPopularNameWhenLittleIsLeft) {
  EXPECT_FALSE(is_due());
  now += 30s;
  EXPECT_FALSE(is_due());
  now += 49s;
  EXPECT_FALSE(is_due()) << "popular, and 21 s left";
  now += 1s;
  EXPECT_TRUE(is_due());
  EXPECT_FALSE(is_due()) << "it is under way";
  EXPECT_EQ(counters.prefetches.value(), 1U);
}

TEST_F(PrefetchTest, AGapStartsTheCountAgain) {
  is_due();
  is_due();
  now += 90s;
  EXPECT_FALSE(is_due());
  EXPECT_FALSE(is_due());
  EXPECT_TRUE(is_due());
}

TEST_F(PrefetchTest, TheCountSurvivesTheRefresh) {
  is_due();
  is_due();
  now += 30s;
  is_due();
  now += 55s;
  EXPECT_TRUE(is_due());
  learn_address("example.org", 100, 2);
  now += 50s;
  EXPECT_FALSE(is_due()) << "half of the TTL is left";
  now += 40s;
  EXPECT_TRUE(is_due());
}

TEST_F(PrefetchTest, AFailedOneIsNotRepeatedAtOnce) {
  is_due();
  is_due();
  now += 50s;
  is_due();
  now += 35s;
  EXPECT_TRUE(is_due());
  EXPECT_FALSE(learn_failure({.name = "example.org"}));
  now += 1s;
  EXPECT_FALSE(is_due());
  now += 5s;
  EXPECT_TRUE(is_due());
}

}  // namespace
}  // namespace meshdns::cache
