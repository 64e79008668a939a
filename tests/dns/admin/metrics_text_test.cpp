#include "dns/admin/metrics_text.hpp"

#include <gtest/gtest.h>

namespace meshdns::admin {
namespace {

TEST(MetricsText, IsWhatPrometheusReads) {
  MetricsText out;
  out.gauge("b_gauge", "A gauge.");
  out.sample({}, 0.25);
  out.counter("empty_total", "Nothing.");
  out.histogram("c_seconds", "A histogram.");
  out.sample({{"zone", "."}},
             WrittenHistogram{.buckets = {{0.00025, 1}, {8.192, 2}}, .count = 3, .sum = 12.5});
  out.counter("a_total", "A counter.");
  out.sample({{"zone", "a\"b\\c\nd"}, {"server", "dns://:53"}}, 3);
  EXPECT_EQ(out.text(), R"(# HELP a_total A counter.
# TYPE a_total counter
a_total{server="dns://:53",zone="a\"b\\c\nd"} 3
# HELP b_gauge A gauge.
# TYPE b_gauge gauge
b_gauge 0.25
# HELP c_seconds A histogram.
# TYPE c_seconds histogram
c_seconds_count{zone="."} 3
c_seconds_sum{zone="."} 12.5
c_seconds_bucket{zone=".",le="0.00025"} 1
c_seconds_bucket{zone=".",le="8.192"} 2
c_seconds_bucket{zone=".",le="+Inf"} 3
)");
}

}  // namespace
}  // namespace meshdns::admin
