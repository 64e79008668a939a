// BlockCache: the response caches of a server block, one for each worker, which alone uses it.
//
// Part of the snapshots, but not bound to one: zones, upstreams and the rest of the configuration may change,
// and it stays as long as its own options do.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/status.hpp>

#include "dns/cache/cache_counters.hpp"
#include "dns/cache/response_cache.hpp"

namespace meshdns::server {

class BlockCache {
 public:
  BlockCache(const CacheOptions& options, unsigned workers);

  cache::ResponseCache& of_worker(unsigned worker) const { return workers_[worker]->cache; }

  // Summed over the workers, without the names of server and zones. From any thread.
  CacheStatus status() const;

 private:
  struct PerWorker {
    PerWorker(const CacheOptions& options, std::uint64_t seed) : cache(options, seed, counters) {}

    cache::CacheCounters counters;
    cache::ResponseCache cache;
  };
  std::vector<std::unique_ptr<PerWorker>> workers_;
};

using BlockCaches = std::vector<std::shared_ptr<const BlockCache>>;  // per block; null: it has none

// For each block the cache of the old block for the same zones on the same addresses with the same cache
// options, or else a new one.
Result<BlockCaches> make_caches(const ServerOptions& options, const ServerOptions& old_options,
                                const BlockCaches& old_caches);

}  // namespace meshdns::server
