// coredns_health_*: what HealthProbe found, where there is a `health` to ask.
#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

void write_health_metrics(const HealthStatus& health, MetricsText& out) {
  WrittenHistogram durations{.count = health.durations.total(),
                             .sum = static_cast<double>(health.durations.sum) / kNanosecondsPerSecond};
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < kHealthBounds.size(); ++i) {
    cumulative += health.durations.counts[i];
    durations.buckets.emplace_back(static_cast<double>(kHealthBounds[i]) / kNanosecondsPerSecond, cumulative);
  }
  out.histogram("coredns_health_request_duration_seconds", "Time that our own requests for /health took.");
  out.sample({}, durations);
  out.counter("coredns_health_request_failures_total", "Our own requests for /health that failed.");
  out.sample({}, static_cast<double>(health.failures));
}

}  // namespace meshdns::admin
