#include "dns/forward/random_numbers.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace meshdns::forward {
namespace {

TEST(RandomNumbers, GoOnWithoutRepeatingThemselves) {
  RandomNumbers random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    std::uint64_t four = 0;
    for (int part = 0; part < 4; ++part) {
      four = four << 16 | random.next();
    }
    EXPECT_TRUE(seen.insert(four).second);
  }
}

TEST(RandomNumbers, TakesEachChoiceNowAndThenAndNoOther) {
  RandomNumbers random;
  std::array<int, 7> times{};
  for (int i = 0; i < 7000; ++i) {
    ++times.at(random.below(times.size()));
  }
  for (const int each : times) {
    EXPECT_GT(each, 700) << "of about 1000";
  }
  EXPECT_EQ(random.below(1), 0U);
}

}  // namespace
}  // namespace meshdns::forward
