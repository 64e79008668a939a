// Entry: one cached reply as it lies in memory: this header, then the name, the records, and where their TTLs
// are. It is moved by copying its octets, so nothing in it points anywhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "dns/cache/cache_key.hpp"

namespace meshdns::cache {

using TimePoint = std::chrono::steady_clock::time_point;

enum class Kind : std::uint8_t {
  Success,
  Denial,   // NXDOMAIN or NODATA (RFC 2308)
  Failure,  // the upstreams gave nothing: SERVFAIL for a moment
};

struct Entry {
  std::uint32_t octets;  // header included, a multiple of 8
  std::uint32_t tag;     // upper half of the key's hash
  std::uint64_t question;
  TimePoint stored;
  TimePoint expires;
  TimePoint ask_again;  // no upstream is asked about it before
  TimePoint last_hit;   // kept up when prefetching
  std::uint32_t hits;   // in a row, without a gap
  std::uint16_t rcode;
  std::uint16_t records_size;
  std::uint16_t record_count;
  std::uint16_t section_counts[3];
  Kind kind;
  bool is_authentic;  // the upstream set AD
  bool is_dead;       // replaced or dropped; waits for its place to be reused
  std::uint8_t frequency;

  static constexpr std::uint8_t kMaxFrequency = 3;

  static std::size_t octets_for(const CacheKey& key, std::size_t records_size, std::size_t record_count) {
    const std::size_t octets = sizeof(Entry) + key.padded_name_size() + 2 * record_count + records_size;
    return (octets + 7) & ~std::size_t{7};
  }

  std::uint8_t* name() { return reinterpret_cast<std::uint8_t*>(this + 1); }
  const std::uint8_t* name() const { return reinterpret_cast<const std::uint8_t*>(this + 1); }

  // Where the TTL of each record is, counted from the first record.
  std::uint16_t* ttl_offsets() { return reinterpret_cast<std::uint16_t*>(name() + key().padded_name_size()); }
  const std::uint16_t* ttl_offsets() const {
    return reinterpret_cast<const std::uint16_t*>(name() + key().padded_name_size());
  }

  std::uint8_t* records() { return reinterpret_cast<std::uint8_t*>(ttl_offsets() + record_count); }
  const std::uint8_t* records() const {
    return reinterpret_cast<const std::uint8_t*>(ttl_offsets() + record_count);
  }

  CacheKey key() const { return {name(), question}; }
};

static_assert(std::is_trivially_copyable_v<Entry> && sizeof(Entry) % 8 == 0 && alignof(Entry) == 8);

}  // namespace meshdns::cache
