// kuma_dp_dns_*: what the DNS proxy inside kuma-dp exposes, for Kuma's own dashboards. All of them carry the
// `extraLabels` of the mesh zone's document, and appear when it is there.
#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

constexpr std::array<double, 7> kWaitBounds = {0.1, 0.5, 1, 2, 5, 10, 30};  // seconds

// The sums of all blocks whose zones have the same labels.
struct KumaSums {
  std::uint64_t names = 0;
  DurationHistogram durations;
  DurationHistogram upstream_durations;
  std::uint64_t upstream_failures = 0;
  std::array<std::array<std::uint64_t, 3>, 2>
      queries{};                          // by source (local, upstream), type (A, AAAA, other)
  std::array<std::uint64_t, 4> rcodes{};  // noerror, nxdomain, servfail, other
};

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

void add(const QueryStatus& queries, KumaSums& sums) {
  static constexpr auto kA = std::ranges::find(kCountedTypes, "A") - kCountedTypes.begin();
  static constexpr auto kAaaa = std::ranges::find(kCountedTypes, "AAAA") - kCountedTypes.begin();
  std::array<std::uint64_t, 3> by_type{};
  for (const auto& of_protocol : queries.requests) {
    for (const auto& of_family : of_protocol) {
      for (std::size_t type = 0; type < of_family.size(); ++type) {
        by_type[type == kA ? 0 : type == kAaaa ? 1 : 2] += of_family[type];
      }
    }
  }
  for (std::size_t type = 0; type < by_type.size(); ++type) {
    const std::uint64_t upstream = queries.upstream_queries[type];
    sums.queries[0][type] += by_type[type] - std::min(by_type[type], upstream);
    sums.queries[1][type] += upstream;
  }
  for (const auto& by_rcode : queries.responses) {
    for (std::size_t rcode = 0; rcode < by_rcode.size(); ++rcode) {
      sums.rcodes[rcode == 0 ? 0 : rcode == 3 ? 1 : rcode == 2 ? 2 : 3] += by_rcode[rcode];
    }
  }
  sums.durations += queries.durations;
  sums.upstream_durations += queries.upstream_durations;
  sums.upstream_failures += queries.upstream_failures;
}

// A document's keys are free text; names of labels are not.
Labels extra_labels(const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> labels;
  for (const auto& [key, value] : extra) {
    std::string name = key;
    for (char& octet : name) {
      const bool is_letter = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
      octet = is_letter || (octet >= '0' && octet <= '9') ? octet : '_';
    }
    const bool is_taken = name == "qtype" || name == "source" || name == "rcode" || name == "le";
    if (!name.empty() && !is_taken && !name.starts_with("__") && (name[0] < '0' || name[0] > '9')) {
      labels.emplace(std::move(name), value);
    }
  }
  return {labels.begin(), labels.end()};
}

WrittenHistogram wait_histogram(std::chrono::nanoseconds wait) {
  const double seconds = std::chrono::duration<double>(wait).count();
  WrittenHistogram histogram{.count = 1, .sum = seconds};
  for (const double bound : kWaitBounds) {
    histogram.buckets.emplace_back(bound, seconds <= bound ? 1 : 0);
  }
  return histogram;
}

std::map<Labels, KumaSums> sums_by_labels(const Status& status) {
  std::map<Labels, KumaSums> sums;
  for (const BlockStatus& block : status.blocks) {
    if (!block.zone_loaded) {
      continue;
    }
    KumaSums& of_labels = sums[extra_labels(block.extra_labels)];
    of_labels.names += block.names;
    for (const QueryStatus& queries : status.queries) {
      if (has(block.servers, queries.server) && has(block.zones, queries.zone)) {
        add(queries, of_labels);
      }
    }
  }
  return sums;
}

}  // namespace

void write_kuma_metrics(const Status& status, MetricsText& out) {
  const auto sums = sums_by_labels(status);
  out.histogram("kuma_dp_dns_request_duration_seconds", "Time that queries took.");
  for (const auto& [labels, sum] : sums) {
    out.sample(labels, kuma_durations(sum.durations));
  }
  out.histogram("kuma_dp_dns_upstream_request_duration_seconds", "Time that forwarded queries took.");
  for (const auto& [labels, sum] : sums) {
    out.sample(labels, kuma_durations(sum.upstream_durations));
  }
  out.counter("kuma_dp_dns_upstream_request_failure_count", "Forwarded queries without a usable reply.");
  for (const auto& [labels, sum] : sums) {
    out.sample(labels, static_cast<double>(sum.upstream_failures));
  }
  out.counter("kuma_dp_dns_queries_total", "Queries, by type and by where their answer comes from.");
  for (const auto& [labels, sum] : sums) {
    for (const auto& [source, queries] :
         {std::pair("local", &sum.queries[0]), std::pair("upstream", &sum.queries[1])}) {
      out.sample_if_moved(with(labels, {{"qtype", "A"}, {"source", source}}), (*queries)[0]);
      out.sample_if_moved(with(labels, {{"qtype", "AAAA"}, {"source", source}}), (*queries)[1]);
      out.sample_if_moved(with(labels, {{"qtype", "other"}, {"source", source}}), (*queries)[2]);
    }
  }
  out.counter("kuma_dp_dns_response_codes_total", "Responses, by rcode.");
  for (const auto& [labels, sum] : sums) {
    static constexpr std::array<std::string_view, 4> kNames = {"noerror", "nxdomain", "servfail", "other"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      out.sample_if_moved(with(labels, {{"rcode", kNames[i]}}), sum.rcodes[i]);
    }
  }
  out.gauge("kuma_dp_dns_entries_total", "Names of the mesh zone.");
  for (const auto& [labels, sum] : sums) {
    out.sample(labels, static_cast<double>(sum.names));
  }
  out.histogram("kuma_dp_dns_config_ready_wait_seconds",
                "Time from the start until every mesh zone was there.");
  if (status.ready_after) {
    for (const auto& [labels, sum] : sums) {
      out.sample(labels, wait_histogram(*status.ready_after));
    }
  }
}

}  // namespace meshdns::admin
