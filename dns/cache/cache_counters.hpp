// CacheCounters: one set per worker and block. Only the worker writes; anybody may read.
#pragma once

#include "dns/base/counters.hpp"

namespace meshdns::cache {

struct alignas(64) CacheCounters {
  base::Counter success_hits;
  base::Counter denial_hits;  // failures that are remembered included
  base::Counter misses;       // an upstream had to be asked first
  base::Counter success_evictions;
  base::Counter denial_evictions;
  base::Counter drops;  // replies to another question than the one asked
  base::Counter prefetches;
  base::Counter served_stale;
  base::Gauge success_entries;
  base::Gauge denial_entries;
  base::Gauge success_octets;
  base::Gauge denial_octets;

  std::uint64_t requests() const { return success_hits.value() + denial_hits.value() + misses.value(); }
};

}  // namespace meshdns::cache
