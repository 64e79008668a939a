#include "dns/cache/entry_store.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace meshdns::cache {
namespace {

constexpr std::size_t kTypicalEntry = 128;  // octets of an address and its name
constexpr std::size_t kSmallPercent = 10;
constexpr int kMaxSpared = 64;  // entries given another round per eviction, so that its time is bounded
constexpr std::uint8_t kPopular = 2;

std::size_t align(std::size_t octets) {
  return octets & ~std::size_t{63};
}

std::size_t entries_in(std::size_t octets, std::size_t asked) {
  const std::size_t fit = octets / kTypicalEntry;
  return asked == 0 ? fit : std::min(asked, fit);
}

}  // namespace

// One piece of memory: index, ghosts, and the two queues of both shares.
struct EntryStore::Layout {
  std::size_t entries[2];
  std::size_t slots;
  std::size_t ghosts;
  std::size_t ring_begin[2][2];
  std::size_t ring_octets[2][2];
  std::size_t end;

  explicit Layout(const StoreLimits& limits)
      : entries{entries_in(limits.success_octets, limits.success_entries),
                entries_in(limits.denial_octets, limits.denial_entries)},
        slots(std::bit_ceil(2 * (entries[0] + entries[1]) + 8)),
        ghosts(slots / 2) {
    end = slots * sizeof(EntryIndex::Slot) + ghosts * sizeof(std::uint16_t);
    const std::size_t shares[2] = {limits.success_octets, limits.denial_octets};
    const std::size_t total = shares[0] + shares[1];
    for (int share = 0; share < 2; ++share) {
      const std::size_t octets = shares[share] - std::min(shares[share], end * shares[share] / total);
      ring_octets[share][0] = align(octets * kSmallPercent / 100);
      ring_octets[share][1] = align(octets - ring_octets[share][0]);
    }
    for (int share = 0; share < 2; ++share) {
      for (int ring = 0; ring < 2; ++ring) {
        ring_begin[share][ring] = end;
        end += ring_octets[share][ring];
      }
    }
  }
};

EntryStore::EntryStore(const StoreLimits& limits, std::uint64_t seed, CacheCounters& counters)
    : EntryStore(limits, Layout(limits), seed, counters) {}

EntryStore::EntryStore(const StoreLimits& limits, const Layout& layout, std::uint64_t seed,
                       CacheCounters& counters)
    : memory_octets_(layout.end),
      memory_(static_cast<std::uint8_t*>(std::calloc(layout.end, 1))),  // pages come when they are touched
      index_({reinterpret_cast<EntryIndex::Slot*>(memory_.get()), layout.slots}),
      ghosts_(reinterpret_cast<std::uint16_t*>(memory_.get() + layout.slots * sizeof(EntryIndex::Slot)),
              layout.ghosts),
      shares_{{{{memory_.get() + layout.ring_begin[0][0], layout.ring_octets[0][0]},
                {memory_.get() + layout.ring_begin[0][1], layout.ring_octets[0][1]},
                layout.entries[0],
                counters.success_evictions,
                counters.success_entries,
                counters.success_octets},
               {{memory_.get() + layout.ring_begin[1][0], layout.ring_octets[1][0]},
                {memory_.get() + layout.ring_begin[1][1], layout.ring_octets[1][1]},
                layout.entries[1],
                counters.denial_evictions,
                counters.denial_entries,
                counters.denial_octets}}},
      stale_(limits.stale),
      seed_(seed) {
  if (!memory_) {
    throw std::bad_alloc();
  }
}

std::uint32_t EntryStore::tag_of(const CacheKey& key) const noexcept {
  return static_cast<std::uint32_t>(key.hash(seed_) >> 32);
}

std::uint32_t EntryStore::place_of(const Entry& entry) const noexcept {
  return static_cast<std::uint32_t>((reinterpret_cast<const std::uint8_t*>(&entry) - memory_.get()) / 8);
}

Entry* EntryStore::entry_at(std::uint32_t place) const noexcept {
  return reinterpret_cast<Entry*>(memory_.get() + std::size_t{place} * 8);
}

Entry* EntryStore::find(const CacheKey& key) const noexcept {
  const std::uint32_t place = index_.find(tag_of(key), [&](std::uint32_t candidate) {
    const Entry& entry = *entry_at(candidate);
    return entry.question == key.question && key.has_name(entry.name());
  });
  return place == 0 ? nullptr : entry_at(place);
}

Entry* EntryStore::make(const CacheKey& key, Kind kind, std::size_t octets, TimePoint now) noexcept {
  Share& share = share_of(kind);
  Entry* old = find(key);
  if (octets > share.small.capacity() / 2 || share.max_entries == 0) {
    if (old != nullptr) {
      erase(*old);
    }
    return nullptr;
  }
  if (old != nullptr && old->octets == octets && &share_of(old->kind) == &share) {
    old->kind = kind;
    return old;  // the usual refresh
  }

  const std::uint32_t tag = tag_of(key);
  Entry head{};
  bool is_popular = false;
  if (old != nullptr) {
    head.frequency = old->frequency;
    head.hits = old->hits;
    head.last_hit = old->last_hit;
    is_popular = share_of(old->kind).main.holds(*old);
    erase(*old);
  } else {
    is_popular = take_ghost(tag);
  }
  head.octets = static_cast<std::uint32_t>(octets);
  head.tag = tag;
  head.question = key.question;
  head.kind = kind;

  while (share.entries >= share.max_entries) {
    make_room_for_one(share, now);
  }
  Entry* entry = nullptr;
  if (is_popular) {
    while ((entry = share.main.push(octets)) == nullptr) {
      advance_main(share, now);
    }
  } else {
    while ((entry = share.small.push(octets)) == nullptr) {
      advance_small(share, now);
    }
    ++share.small_entries;
  }
  *entry = head;
  std::memcpy(entry->name(), key.name, key.padded_name_size());
  index_.insert(tag, place_of(*entry));
  share.entries_shown.set(++share.entries);
  share.octets_shown.set(share.octets += octets);
  return entry;
}

void EntryStore::erase(Entry& entry) noexcept {
  forget(share_of(entry.kind), entry);
  entry.is_dead = true;
}

// Out of the index and the counts; its octets stay where they are.
void EntryStore::forget(Share& share, Entry& entry) noexcept {
  index_.erase(entry.tag, place_of(entry));
  share.small_entries -= share.small.holds(entry) ? 1 : 0;
  share.entries_shown.set(--share.entries);
  share.octets_shown.set(share.octets -= entry.octets);
}

void EntryStore::make_room_for_one(Share& share, TimePoint now) noexcept {
  const std::size_t before = share.entries;
  while (share.entries == before) {
    if (!share.small.is_empty() &&
        (share.main.is_empty() || share.small_entries * 100 >= share.entries * kSmallPercent)) {
      advance_small(share, now);
    } else {
      advance_main(share, now);
    }
  }
}

// Takes the oldest entry out of the small queue: into the main queue, or out of the cache.
void EntryStore::advance_small(Share& share, TimePoint now) noexcept {
  Entry& entry = share.small.oldest();
  if (entry.is_dead) {
    share.small.pop();
    return;
  }
  const bool has_spare_room = share.entries < share.max_entries && share.main.has_room(entry.octets);
  if (is_over(entry, now)) {
    forget(share, entry);
  } else if (entry.frequency >= kPopular || has_spare_room) {
    Entry* to = nullptr;
    while ((to = share.main.push(entry.octets)) == nullptr) {
      advance_main(share, now);
    }
    --share.small_entries;
    move(entry, to).frequency = 0;
  } else {
    remember_ghost(entry.tag);
    forget(share, entry);
    share.evictions.add();
  }
  share.small.pop();
}

// Makes the main queue shorter by one entry; those that were asked for since they last came by get another
// round.
void EntryStore::advance_main(Share& share, TimePoint now) noexcept {
  for (int spared = 0;; ++spared) {
    Entry& entry = share.main.oldest();
    const bool is_kept = !entry.is_dead && entry.frequency > 0 && spared < kMaxSpared && !is_over(entry, now);
    if (!is_kept) {
      if (!entry.is_dead) {
        share.evictions.add(is_over(entry, now) ? 0 : 1);
        forget(share, entry);
      }
      share.main.pop();
      return;
    }
    share.main.pop();
    --move(entry, share.main.push(entry.octets)).frequency;
  }
}

Entry& EntryStore::move(const Entry& entry, Entry* to) noexcept {
  const std::uint32_t tag = entry.tag;
  const std::uint32_t from = place_of(entry);
  std::memmove(static_cast<void*>(to), &entry, entry.octets);
  index_.move(tag, from, place_of(*to));
  return *to;
}

void EntryStore::remember_ghost(std::uint32_t tag) noexcept {
  ghosts_[tag & (ghosts_.size() - 1)] = static_cast<std::uint16_t>(tag >> 16 | 1);
}

bool EntryStore::take_ghost(std::uint32_t tag) noexcept {
  std::uint16_t& ghost = ghosts_[tag & (ghosts_.size() - 1)];
  const bool is_known = ghost == static_cast<std::uint16_t>(tag >> 16 | 1);
  ghost = is_known ? std::uint16_t{0} : ghost;
  return is_known;
}

}  // namespace meshdns::cache
