#include "dns/cache/storable.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace meshdns::cache {
namespace {

using wire::load16;
using wire::load32;

constexpr std::uint16_t kSoaType = wire::type::SOA;
constexpr std::size_t kMinSoaRdata = 22;  // two root names, five numbers
constexpr std::size_t kFixedPart = 10;    // type, class, TTL, length

enum Section : std::uint8_t { Answer, Authority, Additional };

struct Record {
  Section section;
  std::size_t owner;  // offset
  std::size_t fixed;  // offset of the type
  std::size_t end;
  std::uint16_t type;
  std::uint32_t ttl;  // as it is to be stored, before limits
};

std::uint32_t ttl_of(const std::uint8_t* fixed, bool is_soa_of_denial) noexcept {
  const auto positive = [](std::uint32_t ttl) { return ttl > 0x7FFFFFFF ? 0 : ttl; };  // RFC 2181 8
  const std::uint32_t ttl = positive(load32(fixed + 4));
  const std::size_t size = load16(fixed + 8);
  if (!is_soa_of_denial || size < kMinSoaRdata) {
    return ttl;
  }
  return std::min(ttl, positive(load32(fixed + kFixedPart + size - 4)));  // RFC 2308 5
}

// Calls `each` for the records of a reply that parse_reply() has walked, until one returns false.
template <class Each>
void walk(const wire::ReplyView& reply, Each&& each) {
  const std::uint8_t* message = reply.message.data();
  std::size_t at = wire::kHeaderSize + reply.question_size;
  for (const Section section : {Answer, Authority, Additional}) {
    for (unsigned left = load16(message + 6 + 2 * section); left != 0; --left) {
      Record record{section, at, wire::skip_name(reply.message, at), 0, 0, 0};
      const std::uint8_t* fixed = message + record.fixed;
      record.end = record.fixed + kFixedPart + load16(fixed + 8);
      record.type = load16(fixed);
      record.ttl = ttl_of(fixed, section == Authority && record.type == kSoaType);
      if (!each(record)) {
        return;
      }
      at = record.end;
    }
  }
}

// True for names at or below the qname without its leading underscore labels (RFC 8552): an upstream that is
// asked for _http._tcp.example.org may add addresses of hosts in example.org.
bool is_in_bailiwick(const wire::ReplyView& reply, std::size_t owner, const CacheKey& key) noexcept {
  std::size_t apex = 0;
  while (key.name[apex] != 0 && key.name[apex + 1] == '_') {
    apex += key.name[apex] + 1U;
  }
  const std::size_t apex_size = key.name_size() - apex;
  std::array<std::uint8_t, wire::kMaxNameSize + 9> name;
  const std::size_t size = wire::expand_name(reply.message, owner, name.data());
  std::size_t at = 0;
  while (size - at > apex_size) {
    at += name[at] + 1U;
  }
  return size != 0 && size - at == apex_size && std::memcmp(&name[at], key.name + apex, apex_size) == 0;
}

}  // namespace

bool answers(const wire::ReplyView& reply, const CacheKey& key) noexcept {
  if (reply.question_size != key.name_size() + 4) {
    return false;
  }
  const std::uint8_t* question = reply.message.data() + wire::kHeaderSize;
  std::array<std::uint8_t, wire::kMaxNameSize + 9> folded;
  wire::fold_name(question, key.name_size(), folded.data());
  return key.has_name(folded.data()) && load16(question + key.name_size()) == key.qtype() &&
         load16(question + key.name_size() + 2) == key.qclass();
}

std::optional<Storable> find_storable(const wire::ReplyView& reply, const CacheKey& key,
                                      const TtlLimits& success, const TtlLimits& denial) noexcept {
  if (reply.is_truncated() ||
      (reply.extended_rcode != wire::rcode::NoError && reply.extended_rcode != wire::rcode::NXDomain)) {
    return std::nullopt;
  }
  Storable what;
  what.begin = what.end = wire::kHeaderSize + reply.question_size;
  bool has_data = false;
  bool has_soa = false;
  std::uint32_t lowest = 0xFFFFFFFF;
  walk(reply, [&](const Record& record) {
    if (record.section == Additional &&
        (record.type == wire::type::OPT || !is_in_bailiwick(reply, record.owner, key))) {
      return false;
    }
    has_data |= record.section == Answer && (record.type == key.qtype() || key.qtype() == wire::type::ANY);
    has_soa |= record.section == Authority && record.type == kSoaType;
    lowest = std::min(lowest, record.ttl);
    what.end = record.end;
    ++what.section_counts[record.section];
    return true;
  });
  const bool denies = reply.extended_rcode == wire::rcode::NXDomain || !has_data;
  if (denies && !has_soa) {
    return std::nullopt;
  }
  what.kind = denies ? Kind::Denial : Kind::Success;
  what.lifetime = (denies ? denial : success).apply(lowest);
  return what.lifetime == 0 ? std::nullopt : std::optional(what);
}

void copy_records(const wire::ReplyView& reply, const Storable& what, const TtlLimits& limits,
                  Entry& entry) noexcept {
  std::ranges::copy(what.section_counts, entry.section_counts);
  entry.record_count =
      static_cast<std::uint16_t>(what.section_counts[0] + what.section_counts[1] + what.section_counts[2]);
  entry.records_size = static_cast<std::uint16_t>(what.end - what.begin);
  std::uint8_t* records = entry.records();
  std::memcpy(records, reply.message.data() + what.begin, entry.records_size);
  std::uint16_t* offset = entry.ttl_offsets();
  walk(reply, [&](const Record& record) {
    if (record.end > what.end) {
      return false;
    }
    *offset = static_cast<std::uint16_t>(record.fixed + 4 - what.begin);
    wire::store32(records + *offset++, limits.apply(record.ttl));
    return true;
  });
}

}  // namespace meshdns::cache
