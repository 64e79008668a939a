#include "dns/admin/metric_groups.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace meshdns::admin {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

constexpr std::array<std::uint64_t, 11> kGoDefaultBounds = {
    5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000,   250'000'000,
    500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

constexpr auto kCoreDnsBounds = [] {
  std::array<std::uint64_t, 16> bounds{};
  std::uint64_t bound = 250'000;
  for (std::uint64_t& each : bounds) {
    each = bound;
    bound *= 2;
  }
  return bounds;
}();

// Those of the counted bounds that are wanted.
template <const auto& kBounds>
WrittenHistogram written(const Histogram<kBounds>& histogram, std::span<const std::uint64_t> wanted,
                         double unit) {
  WrittenHistogram out{.count = histogram.total(), .sum = static_cast<double>(histogram.sum) / unit};
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    cumulative += histogram.counts[i];
    if (std::ranges::find(wanted, kBounds[i]) != wanted.end()) {
      out.buckets.emplace_back(static_cast<double>(kBounds[i]) / unit, cumulative);
    }
  }
  return out;
}

}  // namespace

WrittenHistogram coredns_durations(const DurationHistogram& durations) {
  return written(durations, kCoreDnsBounds, kNanosecondsPerSecond);
}

WrittenHistogram kuma_durations(const DurationHistogram& durations) {
  return written(durations, kGoDefaultBounds, kNanosecondsPerSecond);
}

WrittenHistogram coredns_sizes(const SizeHistogram& sizes) {
  return written(sizes, kSizeBounds, 1);
}

std::string rcode_label(std::uint16_t rcode) {
  static constexpr std::array<std::string_view, 11> kNames = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                              "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                              "NXRRSET", "NOTAUTH", "NOTZONE"};
  return rcode < kNames.size() ? std::string(kNames[rcode]) : fmt::format("RCODE{}", rcode);
}

std::string metrics_of(const Status& status, const std::optional<HealthStatus>& health) {
  MetricsText out;
  write_query_metrics(status, out);
  write_upstream_metrics(status, out);
  write_cache_metrics(status, out);
  write_directive_metrics(status, out);
  write_kuma_metrics(status, out);
  write_server_metrics(status, out);
  if (health) {
    write_health_metrics(*health, out);
  }
  write_process_metrics(out);
  return out.text();
}

}  // namespace meshdns::admin
