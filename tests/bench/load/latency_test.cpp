#include "bench/load/latency.hpp"

#include <gtest/gtest.h>

namespace meshdns::load {
namespace {

using std::chrono::nanoseconds;

TEST(Latency, QuantilesAreWithinOnePercent) {
  for (const std::int64_t scale : {1, 37, 1000, 123456, 50000000}) {
    Latency latency;
    for (std::int64_t i = 1000; i >= 1; --i) {
      latency.add(nanoseconds(i * scale));
    }
    for (const int permille : {10, 500, 990, 999, 1000}) {
      const auto exact = static_cast<double>(permille * scale);
      EXPECT_NEAR(static_cast<double>(latency.quantile(permille / 1000.0).count()), exact, exact * 0.01)
          << permille << " of " << scale;
    }
  }
}

TEST(Latency, IsZeroWithoutValuesAndSurvivesAbsurdOnes) {
  Latency latency;
  EXPECT_EQ(latency.quantile(0.5), nanoseconds(0));
  latency.add(nanoseconds(-5));
  EXPECT_EQ(latency.quantile(1), nanoseconds(0));
  latency.add(nanoseconds::max());
  EXPECT_GT(latency.quantile(1), std::chrono::minutes(17));
}

}  // namespace
}  // namespace meshdns::load
