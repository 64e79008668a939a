// Which entries go when room is needed, and that the bound holds.
#include <gtest/gtest.h>

#include "tests/dns/cache/cache_fixture.hpp"

namespace meshdns::cache {
namespace {

std::string numbered(std::string_view prefix, int i) {
  return std::string(prefix) + std::to_string(i) + ".example.org";
}

class EvictionTest : public CacheFixture {
 protected:
  EvictionTest() {
    options.octets = 512U << 10;
    use(options);
  }

  int known(std::string_view prefix, int count) {
    int found = 0;
    for (int i = 0; i < count; ++i) {
      found += has(numbered(prefix, i)) ? 1 : 0;
    }
    return found;
  }
};

TEST_F(EvictionTest, StaysWithinItsOctets) {
  EXPECT_LE(cache->memory_octets(), options.octets);
  for (int i = 0; i < 20'000; ++i) {
    learn_address(numbered("n", i));
  }
  EXPECT_GT(counters.success_entries.value(), 2000U);
  EXPECT_LE(counters.success_octets.value(), options.octets);
  EXPECT_GE(counters.success_octets.value(), counters.success_entries.value() * sizeof(Entry));
  EXPECT_LT(counters.success_entries.value(), (512U << 10) / 100);
  EXPECT_EQ(counters.success_entries.value() + counters.success_evictions.value(), 20'000U);
}

TEST_F(EvictionTest, CountsTheOctetsOfWhatIsThere) {
  EXPECT_EQ(counters.success_octets.value(), 0U);
  learn_address("a.example.org");
  const std::uint64_t one = counters.success_octets.value();
  EXPECT_GE(one, sizeof(Entry));
  learn_address("b.example.org");
  EXPECT_EQ(counters.success_octets.value(), 2 * one);
  learn_address("b.example.org");
  EXPECT_EQ(counters.success_octets.value(), 2 * one) << "an entry took the place of another";

  const QuerySpec asked{.name = "a.example.org"};
  Octets denial = reply_to(asked, wire::rcode::NXDomain);
  add_record(denial, 2, soa_with(60, 60));
  learn(asked, denial);
  EXPECT_EQ(counters.success_octets.value(), one) << "the name is gone";
  EXPECT_GE(counters.denial_octets.value(), sizeof(Entry));
}

TEST_F(EvictionTest, WhatIsPopularSurvivesAScan) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i) {
      if (!has(numbered("hot", i))) {
        learn_address(numbered("hot", i));
      }
    }
  }
  for (int i = 0; i < 20'000; ++i) {
    learn_address(numbered("scan", i));
    has(numbered("hot", i % 1000));
  }
  EXPECT_GE(known("hot", 1000), 990);
}

TEST_F(EvictionTest, AFloodOfDenialsDisplacesNoAddress) {
  for (int i = 0; i < 1000; ++i) {
    learn_address(numbered("n", i));
  }
  for (int i = 0; i < 20'000; ++i) {
    const QuerySpec asked{.name = numbered("absent", i)};
    Octets denial = reply_to(asked, wire::rcode::NXDomain);
    add_record(denial, 2, soa_with(60, 60));
    learn(asked, denial);
  }
  EXPECT_EQ(known("n", 1000), 1000);
  EXPECT_GT(counters.denial_evictions.value(), 15'000U);
}

TEST_F(EvictionTest, WhatComesBackIsKeptLonger) {
  int scanned = 0;
  const auto scan = [&](int names) {
    for (; names != 0; --names) {
      learn_address(numbered("scan", scanned++));
    }
  };
  scan(10'000);
  learn_address("back.example.org");
  scan(700);
  const auto entries = counters.success_entries.value();
  learn_address("back.example.org");
  EXPECT_EQ(counters.success_entries.value(), entries) << "it was gone, and displaced another one";
  learn_address("new.example.org");
  scan(700);
  EXPECT_TRUE(has("back.example.org"));
  EXPECT_FALSE(has("new.example.org"));
}

TEST_F(EvictionTest, HonoursANumberOfEntries) {
  options.success.capacity = 2000;
  options.denial.capacity = 1;  // CoreDNS: at least 1024
  use(options);
  for (int i = 0; i < 5000; ++i) {
    learn_address(numbered("n", i));
    learn_failure({.name = numbered("broken", i)});
  }
  EXPECT_EQ(counters.success_entries.value(), 2000U);
  EXPECT_EQ(counters.denial_entries.value(), 1024U);
}

TEST_F(EvictionTest, DoesNotKeepWhatWouldFillIt) {
  options.octets = 64U << 10;
  use(options);
  const QuerySpec asked{.name = "huge.example.org", .type = "TXT"};
  Octets reply = reply_to(asked);
  for (int i = 0; i < 30; ++i) {
    add_record(reply, 1, record(wire::type::TXT, Octets(200, 7)));
  }
  EXPECT_TRUE(learn(asked, reply));
  EXPECT_EQ(find(asked).verdict, Verdict::Miss);
}

TEST_F(EvictionTest, RefreshingTakesNoMoreRoom) {
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 200; ++i) {
      learn_address(numbered("n", i), 300, static_cast<std::uint8_t>(round));
    }
  }
  EXPECT_EQ(counters.success_entries.value(), 200U);
  EXPECT_EQ(counters.success_evictions.value(), 0U);
}

}  // namespace
}  // namespace meshdns::cache
