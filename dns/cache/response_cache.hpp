// ResponseCache: replies of upstreams, kept in wire form until their TTLs are over, and for some time longer
// if stale answers are wanted (RFC 8767).
//
// One per worker and server block, used by that worker alone. Pure: no socket, no thread, no clock; whoever
// calls says what time it is. A hit is one hash lookup and one copy, and allocates nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <meshdns/options.hpp>

#include "dns/cache/cache_counters.hpp"
#include "dns/cache/entry_store.hpp"
#include "dns/cache/kept_reply.hpp"
#include "dns/cache/storable.hpp"
#include "dns/wire/message_buffer.hpp"
#include "dns/wire/reply_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::cache {

enum class Verdict : std::uint8_t {
  Miss,   // ask
  Fresh,  // answer with it
  Stale,  // answer with it at once if it need not be asked; else first ask, or ask meanwhile
};

// What was found. Valid until the next learn() or learn_failure().
struct Hit {
  Verdict verdict = Verdict::Miss;
  bool must_ask = false;    // Fresh: a prefetch is due; Stale: the last failure is not recent
  std::uint16_t rcode = 0;  // the caller may answer with another one
  const Entry* entry = nullptr;
  std::uint32_t age = 0;  // whole seconds
};

class ResponseCache {
 public:
  // `counters` outlives the cache. `seed` is a secret: who knows it can make names that collide.
  ResponseCache(const CacheOptions& options, std::uint64_t seed, CacheCounters& counters);

  // True if names at or below one of the cache's zones include this one.
  bool covers(std::span<const std::uint8_t> folded_qname) const noexcept;

  Hit find(const CacheKey& key, TimePoint now) noexcept;

  // What may be told without asking, whatever find() would want. Nothing is counted.
  Hit usable(const CacheKey& key, TimePoint now) const noexcept;

  // The response, but for finish(): AA clear, RA set, each TTL less the age; a stale one with its own TTL and
  // the extended error that says so. False, and nothing of use written, if it exceeds the client's limit.
  bool write(const Hit& hit, wire::ResponseWriter& out) noexcept;

  // As above for whoever has no query any more, or too little room for everything.
  std::size_t write(const Hit& hit, const wire::AskerView& asker, std::span<std::uint8_t> out,
                    std::size_t limit) noexcept;

  // Takes note of a reply. False if the client is better served with what find() gives: the reply is an
  // error, and a usable answer is here.
  bool learn(const CacheKey& key, const wire::ReplyView& reply, TimePoint now) noexcept;

  // As above when no upstream gave anything. Only SERVFAIL is remembered.
  bool learn_failure(const CacheKey& key, std::uint16_t rcode, TimePoint now) noexcept;

  // A stale answer had to be given because the upstream keeps silent: it is not asked again for a while.
  void hold_off(const CacheKey& key, TimePoint now) noexcept;

  // A copy of what lies here for this question, fresh or over, for who looks at it. Nothing is counted.
  std::optional<KeptReply> look(const CacheKey& key, TimePoint now) const;

  const CacheOptions& options() const noexcept { return options_; }
  std::size_t memory_octets() const noexcept { return store_.memory_octets(); }

 private:
  void count_hit(Kind kind) noexcept;
  [[gnu::noinline]] Hit find_expired(Entry& entry, TimePoint now) noexcept;
  [[gnu::noinline]] bool is_prefetch_due(Entry& entry, TimePoint now) noexcept;
  void remember_failure(const CacheKey& key, TimePoint now) noexcept;
  std::uint32_t age_of(const Entry& entry, TimePoint now) const noexcept;
  bool is_usable(const Entry* entry, TimePoint now) const noexcept;
  bool keeps(Kind kind, std::span<const std::uint8_t> folded_qname) const noexcept;
  void write_ttls(const Hit& hit, std::uint8_t* records) const noexcept;

  CacheOptions options_;
  CacheCounters& counters_;
  EntryStore store_;
  TtlLimits success_;
  TtlLimits denial_;
  std::chrono::milliseconds stale_;  // 0: no stale answers
  wire::MessageBuffer scratch_;
};

}  // namespace meshdns::cache
