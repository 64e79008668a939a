// What of a reply may be kept, and for how long: RFC 2181 5.2 and 8, RFC 2308 5, RFC 9520.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "dns/cache/cache_key.hpp"
#include "dns/cache/entry.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::cache {

struct TtlLimits {
  std::uint32_t min = 0;  // seconds
  std::uint32_t max = 0;
  std::uint32_t apply(std::uint32_t ttl) const { return ttl > max ? max : ttl < min ? min : ttl; }
};

struct Storable {
  Kind kind = Kind::Success;
  std::uint32_t lifetime = 0;  // seconds until the first record is over; never 0
  std::size_t begin = 0;       // the records to keep, in the reply's message
  std::size_t end = 0;
  std::uint16_t section_counts[3] = {};
};

// True if the reply's question is the key's.
bool answers(const wire::ReplyView& reply, const CacheKey& key) noexcept;

// Nullopt: nothing is kept. Kept is NOERROR or NXDOMAIN that is whole and, if it denies something, says by a
// SOA for how long, without a record of TTL 0. Records end before the OPT, and before the first additional
// one that lies outside of the zone that was asked.
std::optional<Storable> find_storable(const wire::ReplyView& reply, const CacheKey& key,
                                      const TtlLimits& success, const TtlLimits& denial) noexcept;

// Copies the records behind `entry`'s name, each with its own TTL within the limits, and notes where they
// are.
void copy_records(const wire::ReplyView& reply, const Storable& what, const TtlLimits& limits,
                  Entry& entry) noexcept;

}  // namespace meshdns::cache
