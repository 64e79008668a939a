// coredns_cache_*, meshdns_cache_*: one row per cache, two where what exists and what does not are kept
// apart.
#include <array>
#include <string_view>
#include <utility>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

Labels labels_of(const CacheStatus& cache) {
  return {{"server", cache.server}, {"zones", cache.zones}, {"view", ""}};
}

Labels with_type(const CacheStatus& cache, std::string_view type) {
  Labels labels = labels_of(cache);
  labels.emplace_back("type", type);
  return labels;
}

using Stores = std::array<std::pair<std::string_view, const CacheStatus::Store*>, 2>;

Stores stores_of(const CacheStatus& cache) {
  return {{{"success", &cache.success}, {"denial", &cache.denial}}};
}

// Gauges, which are always there.
void write_contents(const Status& status, std::uint64_t CacheStatus::Store::* which, MetricsText& out) {
  for (const CacheStatus& cache : status.caches) {
    for (const auto& [type, store] : stores_of(cache)) {
      out.sample(with_type(cache, type), static_cast<double>(store->*which));
    }
  }
}

void write_events(const Status& status, std::uint64_t CacheStatus::Store::* which, MetricsText& out) {
  for (const CacheStatus& cache : status.caches) {
    for (const auto& [type, store] : stores_of(cache)) {
      out.sample_if_moved(with_type(cache, type), store->*which);
    }
  }
}

void write_totals(const Status& status, std::uint64_t CacheStatus::* which, MetricsText& out) {
  for (const CacheStatus& cache : status.caches) {
    out.sample_if_moved(labels_of(cache), cache.*which);
  }
}

}  // namespace

void write_cache_metrics(const Status& status, MetricsText& out) {
  out.gauge("coredns_cache_entries", "Answers in the cache.");
  write_contents(status, &CacheStatus::Store::entries, out);
  out.gauge("meshdns_cache_bytes", "Memory that the answers in the cache take.");
  write_contents(status, &CacheStatus::Store::octets, out);
  out.counter("coredns_cache_hits_total", "Queries answered from the cache.");
  write_events(status, &CacheStatus::Store::hits, out);
  out.counter("coredns_cache_evictions_total", "Answers that had to make room for others.");
  write_events(status, &CacheStatus::Store::evictions, out);
  out.counter("coredns_cache_requests_total", "Queries looked up in the cache.");
  write_totals(status, &CacheStatus::requests, out);
  out.counter("coredns_cache_misses_total", "Queries that the cache had no answer for.");
  write_totals(status, &CacheStatus::misses, out);
  out.counter("coredns_cache_drops_total", "Replies not cached because they did not fit their question.");
  write_totals(status, &CacheStatus::drops, out);
  out.counter("coredns_cache_prefetch_total", "Answers asked for again before they expired.");
  write_totals(status, &CacheStatus::prefetches, out);
  out.counter("coredns_cache_served_stale_total", "Queries answered with an expired answer.");
  write_totals(status, &CacheStatus::served_stale, out);
}

}  // namespace meshdns::admin
