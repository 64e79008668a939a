#include "dns/server/block_cache.hpp"

#include <new>
#include <random>

namespace meshdns::server {

BlockCache::BlockCache(const CacheOptions& options, unsigned workers) {
  std::random_device random;
  for (unsigned i = 0; i < workers; ++i) {
    const std::uint64_t seed = std::uint64_t{random()} << 32 | random();
    workers_.push_back(std::make_unique<PerWorker>(options, seed));
  }
}

CacheStatus BlockCache::status() const {
  CacheStatus sum;
  for (const auto& worker : workers_) {
    const cache::CacheCounters& counters = worker->counters;
    sum.success.entries += counters.success_entries.value();
    sum.success.octets += counters.success_octets.value();
    sum.success.hits += counters.success_hits.value();
    sum.success.evictions += counters.success_evictions.value();
    sum.denial.entries += counters.denial_entries.value();
    sum.denial.octets += counters.denial_octets.value();
    sum.denial.hits += counters.denial_hits.value();
    sum.denial.evictions += counters.denial_evictions.value();
    sum.misses += counters.misses.value();
    sum.drops += counters.drops.value();
    sum.prefetches += counters.prefetches.value();
    sum.served_stale += counters.served_stale.value();
  }
  sum.requests = sum.success.hits + sum.denial.hits + sum.misses;
  return sum;
}

Result<BlockCaches> make_caches(const ServerOptions& options, const ServerOptions& old_options,
                                const BlockCaches& old_caches) {
  BlockCaches caches;
  for (const BlockOptions& block : options.blocks) {
    std::shared_ptr<const BlockCache>& cache = caches.emplace_back();
    if (!block.cache) {
      continue;
    }
    for (std::size_t b = 0; b < old_caches.size(); ++b) {
      const BlockOptions& old = old_options.blocks[b];
      if (old.zones == block.zones && old.listen == block.listen && old.cache == block.cache) {
        cache = old_caches[b];
      }
    }
    if (!cache) {
      try {
        cache = std::make_shared<const BlockCache>(*block.cache, options.workers);
      } catch (const std::bad_alloc&) {
        return fail(Errc::InvalidConfig, "plugin/cache: there is not enough memory for this capacity");
      }
    }
  }
  return caches;
}

}  // namespace meshdns::server
