#include <algorithm>

#include "dns/cache/response_cache.hpp"

namespace meshdns::cache {
namespace {

// Records lie in an entry as they did behind the question, so with it they are a message again.
std::vector<std::uint8_t> message_of(const Entry& entry, std::uint32_t age) {
  const CacheKey key = entry.key();
  std::vector<std::uint8_t> message(wire::kHeaderSize);
  wire::store16(&message[2], static_cast<std::uint16_t>(wire::flag::QR | wire::flag::RA |
                                                        (entry.rcode & wire::flag::RcodeMask)));
  wire::store16(&message[4], 1);
  for (std::size_t section = 0; section < 3; ++section) {
    wire::store16(&message[6 + 2 * section], entry.section_counts[section]);
  }
  message.insert(message.end(), key.name, key.name + key.name_size());
  message.resize(message.size() + 4);
  wire::store16(&message[message.size() - 4], key.qtype());
  wire::store16(&message[message.size() - 2], key.qclass());
  const std::size_t records = message.size();
  message.insert(message.end(), entry.records(), entry.records() + entry.records_size);
  for (std::size_t i = 0; i < entry.record_count; ++i) {
    std::uint8_t* ttl = &message[records + entry.ttl_offsets()[i]];
    wire::store32(ttl, wire::load32(ttl) - std::min(wire::load32(ttl), age));
  }
  return message;
}

}  // namespace

std::optional<KeptReply> ResponseCache::look(const CacheKey& key, TimePoint now) const {
  const Entry* entry = store_.find(key);
  if (entry == nullptr) {
    return std::nullopt;
  }
  return KeptReply{.kind = entry->kind,
                   .rcode = entry->rcode,
                   .is_authentic = entry->is_authentic,
                   .dnssec_ok = key.dnssec_ok(),
                   .checking_disabled = key.checking_disabled(),
                   .age = std::chrono::floor<std::chrono::seconds>(now - entry->stored),
                   .left = std::chrono::floor<std::chrono::seconds>(entry->expires - now),
                   .is_usable_stale = now >= entry->expires && is_usable(entry, now),
                   .message = message_of(*entry, age_of(*entry, now))};
}

}  // namespace meshdns::cache
