// EntryStore: where entries live, and which of them go when room is needed. All memory is taken at the start
// and touched as it fills.
//
// S3-FIFO (Yang et al., SOSP 2023): a new entry begins in a small queue and moves to the main one if it was
// asked for again, so a scan of names asked once passes by what is popular. The tags of those that went are
// remembered for a while; one that comes back goes to the main queue at once. Positive entries and denials
// have queues of their own: a flood of names that do not exist displaces no address.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "dns/cache/cache_counters.hpp"
#include "dns/cache/entry.hpp"
#include "dns/cache/entry_index.hpp"
#include "dns/cache/entry_ring.hpp"

namespace meshdns::cache {

struct StoreLimits {
  std::size_t success_octets = 0;
  std::size_t denial_octets = 0;
  std::size_t success_entries = 0;  // 0: as many as fit
  std::size_t denial_entries = 0;
  std::chrono::milliseconds stale{0};  // how long an expired entry is worth keeping
};

class EntryStore {
 public:
  EntryStore(const StoreLimits& limits, std::uint64_t seed, CacheCounters& counters);

  // The returned pointers are valid until the next make().
  Entry* find(const CacheKey& key) const noexcept;

  // An entry for `key` instead of the one that is there, if any: octets, tag, question and name are set, and
  // what was counted of the old one is kept. The rest is the caller's to fill. Null if it is too large.
  Entry* make(const CacheKey& key, Kind kind, std::size_t octets, TimePoint now) noexcept;

  void erase(Entry& entry) noexcept;

  std::size_t memory_octets() const noexcept { return memory_octets_; }

 private:
  struct Share {
    EntryRing small;
    EntryRing main;
    std::size_t max_entries;
    base::Counter& evictions;
    base::Gauge& entries_shown;
    base::Gauge& octets_shown;
    std::size_t small_entries = 0;
    std::size_t entries = 0;
    std::size_t octets = 0;  // of the entries
  };
  struct Layout;
  struct Free {
    void operator()(std::uint8_t* memory) const { std::free(memory); }
  };

  EntryStore(const StoreLimits& limits, const Layout& layout, std::uint64_t seed, CacheCounters& counters);

  Share& share_of(Kind kind) noexcept { return shares_[kind == Kind::Success ? 0 : 1]; }
  std::uint32_t tag_of(const CacheKey& key) const noexcept;
  std::uint32_t place_of(const Entry& entry) const noexcept;
  Entry* entry_at(std::uint32_t place) const noexcept;
  bool is_over(const Entry& entry, TimePoint now) const noexcept { return entry.expires + stale_ <= now; }

  void make_room_for_one(Share& share, TimePoint now) noexcept;
  void advance_small(Share& share, TimePoint now) noexcept;
  void advance_main(Share& share, TimePoint now) noexcept;
  Entry& move(const Entry& entry, Entry* to) noexcept;
  void forget(Share& share, Entry& entry) noexcept;
  void remember_ghost(std::uint32_t tag) noexcept;
  bool take_ghost(std::uint32_t tag) noexcept;

  std::size_t memory_octets_;
  std::unique_ptr<std::uint8_t[], Free> memory_;
  EntryIndex index_;
  std::span<std::uint16_t> ghosts_;  // part of a tag each, at a place that the tag says; a power of two
  std::array<Share, 2> shares_;
  std::chrono::milliseconds stale_;
  std::uint64_t seed_;
};

}  // namespace meshdns::cache
