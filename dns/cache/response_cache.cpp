#include "dns/cache/response_cache.hpp"

#include <algorithm>
#include <cstring>

namespace meshdns::cache {
namespace {

// An upstream question ends within this time, so that one that was begun is not begun again meanwhile.
constexpr std::chrono::seconds kAsking{5};

constexpr std::size_t kMinCapacity = 1024;       // CoreDNS's
constexpr std::size_t kOctetsPerCapacity = 512;  // of an entry whose number is given instead of its size

TtlLimits limits_of(const CacheOptions::Share& share) {
  return {static_cast<std::uint32_t>(share.min_ttl.count()),
          static_cast<std::uint32_t>(share.max_ttl.count())};
}

StoreLimits limits_of(const CacheOptions& options) {
  StoreLimits limits{.success_octets = options.octets / 4 * 3, .denial_octets = options.octets / 4};
  if (options.success.capacity) {
    limits.success_entries = std::max(*options.success.capacity, kMinCapacity);
    limits.success_octets = limits.success_entries * kOctetsPerCapacity;
  }
  if (options.denial.capacity) {
    limits.denial_entries = std::max(*options.denial.capacity, kMinCapacity);
    limits.denial_octets = limits.denial_entries * kOctetsPerCapacity;
  }
  if (options.stale) {
    limits.stale = options.stale->max_age;
  }
  return limits;
}

bool is_at_or_below_any(const std::vector<DomainName>& zones, std::span<const std::uint8_t> name) {
  return std::ranges::any_of(zones, [&](const DomainName& zone) {
    const auto suffix = zone.wire();
    std::size_t at = 0;
    while (name.size() - at > suffix.size()) {
      at += name[at] + 1U;
    }
    return name.size() - at == suffix.size() && std::equal(suffix.begin(), suffix.end(), name.begin() + at);
  });
}

}  // namespace

ResponseCache::ResponseCache(const CacheOptions& options, std::uint64_t seed, CacheCounters& counters)
    : options_(options),
      counters_(counters),
      store_(limits_of(options), seed, counters),
      success_(limits_of(options.success)),
      denial_(limits_of(options.denial)),
      stale_(options.stale ? options.stale->max_age : std::chrono::milliseconds(0)) {}

bool ResponseCache::covers(std::span<const std::uint8_t> folded_qname) const noexcept {
  return options_.zones.empty() || is_at_or_below_any(options_.zones, folded_qname);
}

Hit ResponseCache::find(const CacheKey& key, TimePoint now) noexcept {
  Entry* entry = store_.find(key);
  if (entry == nullptr) {
    counters_.misses.add();
    return {};
  }
  if (now >= entry->expires) [[unlikely]] {
    return find_expired(*entry, now);
  }
  count_hit(entry->kind);
  if (entry->frequency < Entry::kMaxFrequency) {
    ++entry->frequency;
  }
  Hit hit{.verdict = Verdict::Fresh, .rcode = entry->rcode, .entry = entry, .age = age_of(*entry, now)};
  if (options_.prefetch_hits != 0) {
    hit.must_ask = is_prefetch_due(*entry, now);
  }
  return hit;
}

Hit ResponseCache::usable(const CacheKey& key, TimePoint now) const noexcept {
  const Entry* entry = store_.find(key);
  if (!is_usable(entry, now)) {
    return {};
  }
  return {.verdict = now < entry->expires ? Verdict::Fresh : Verdict::Stale,
          .rcode = entry->rcode,
          .entry = entry,
          .age = age_of(*entry, now)};
}

std::uint32_t ResponseCache::age_of(const Entry& entry, TimePoint now) const noexcept {
  return options_.keeps_ttl ? 0 : static_cast<std::uint32_t>((now - entry.stored) / std::chrono::seconds(1));
}

void ResponseCache::count_hit(Kind kind) noexcept {
  (kind == Kind::Success ? counters_.success_hits : counters_.denial_hits).add();
}

Hit ResponseCache::find_expired(Entry& entry, TimePoint now) noexcept {
  if (!is_usable(&entry, now)) {
    counters_.misses.add();
    return {};
  }
  Hit hit{
      .verdict = Verdict::Stale, .must_ask = now >= entry.ask_again, .rcode = entry.rcode, .entry = &entry};
  entry.frequency = std::max(entry.frequency, std::uint8_t{1});
  if (hit.must_ask && options_.stale->asks_first) {
    counters_.misses.add();
  } else {
    count_hit(entry.kind);
    entry.ask_again = hit.must_ask ? now + kAsking : entry.ask_again;
  }
  return hit;
}

// CoreDNS's rule: so many hits without a gap, and little of the TTL left.
bool ResponseCache::is_prefetch_due(Entry& entry, TimePoint now) noexcept {
  entry.hits = now - entry.last_hit >= options_.prefetch_gap ? 1 : entry.hits + 1;
  entry.last_hit = now;
  const auto left = entry.expires - now;
  const auto threshold = (entry.expires - entry.stored) / 100 * options_.prefetch_percent;
  const bool is_due = entry.kind != Kind::Failure && entry.hits >= options_.prefetch_hits &&
                      (left <= threshold || left <= std::chrono::seconds(1)) && now >= entry.ask_again;
  if (is_due) {
    entry.ask_again = now + kAsking;
    counters_.prefetches.add();
  }
  return is_due;
}

bool ResponseCache::is_usable(const Entry* entry, TimePoint now) const noexcept {
  return entry != nullptr && entry->kind != Kind::Failure && now < entry->expires + stale_;
}

bool ResponseCache::write(const Hit& hit, wire::ResponseWriter& out) noexcept {
  const Entry& entry = *hit.entry;
  const bool wants_ad = out.query().edns.dnssec_ok || (out.query().flags & wire::flag::AD) != 0;
  out.begin(hit.rcode, wire::flag::RA | (entry.is_authentic && wants_ad ? wire::flag::AD : 0));
  if (hit.verdict == Verdict::Stale) {
    out.set_extended_error(wire::extended_error::StaleAnswer);
  }
  if (entry.records_size > out.room()) {
    return false;
  }
  std::memcpy(out.cursor(), entry.records(), entry.records_size);
  write_ttls(hit, out.cursor());
  out.added(wire::Section::Answer, entry.records_size, entry.section_counts[0]);
  out.added(wire::Section::Authority, 0, entry.section_counts[1]);
  out.added(wire::Section::Additional, 0, entry.section_counts[2]);
  if (hit.verdict == Verdict::Stale) {
    counters_.served_stale.add();
  }
  return true;
}

void ResponseCache::write_ttls(const Hit& hit, std::uint8_t* records) const noexcept {
  const std::uint16_t* offset = hit.entry->ttl_offsets();
  const std::uint16_t* end = offset + hit.entry->record_count;
  if (hit.verdict == Verdict::Stale) {
    for (; offset != end; ++offset) {
      wire::store32(records + *offset, static_cast<std::uint32_t>(options_.stale->ttl.count()));
    }
    return;
  }
  for (; offset != end; ++offset) {
    wire::store32(records + *offset, wire::load32(records + *offset) - hit.age);
  }
}

std::size_t ResponseCache::write(const Hit& hit, const wire::AskerView& asker, std::span<std::uint8_t> out,
                                 std::size_t limit) noexcept {
  // The entry as the upstream's message that it was, for the writer of those.
  const Entry& entry = *hit.entry;
  wire::ReplyView reply;
  reply.question_size = asker.question.size();
  reply.records_end = wire::kHeaderSize + reply.question_size + entry.records_size;
  reply.flags = wire::flag::QR | (entry.is_authentic ? wire::flag::AD : 0);
  reply.extended_rcode = hit.rcode;
  std::uint8_t* message = scratch_.span().data();
  for (int section = 0; section < 3; ++section) {
    wire::store16(message + 6 + 2 * section, entry.section_counts[section]);
  }
  std::memcpy(message + wire::kHeaderSize, asker.question.data(), reply.question_size);
  std::uint8_t* records = message + wire::kHeaderSize + reply.question_size;
  std::memcpy(records, entry.records(), entry.records_size);
  write_ttls(hit, records);
  reply.message = {message, reply.records_end};
  if (hit.verdict != Verdict::Stale) {
    return wire::write_forwarded(asker, reply, out, limit);
  }
  counters_.served_stale.add();
  return wire::write_forwarded(asker, reply, out, limit, wire::extended_error::StaleAnswer);
}

bool ResponseCache::learn(const CacheKey& key, const wire::ReplyView& reply, TimePoint now) noexcept {
  if (reply.extended_rcode != wire::rcode::NoError && reply.extended_rcode != wire::rcode::NXDomain) {
    return learn_failure(key, reply.extended_rcode, now);
  }
  if (!answers(reply, key)) {
    counters_.drops.add();
    return true;
  }
  if (reply.is_truncated()) {
    return true;
  }
  const auto what = find_storable(reply, key, success_, denial_);
  Entry* old = store_.find(key);
  const bool denies = what ? what->kind == Kind::Denial : reply.extended_rcode == wire::rcode::NXDomain;
  if (denies && options_.stale && options_.stale->prefers_positive && is_usable(old, now) &&
      old->kind == Kind::Success) {
    hold_off(key, now);
    return false;
  }
  if (!what || !keeps(what->kind, {key.name, key.name_size()})) {
    if (old != nullptr) {
      store_.erase(*old);  // it is not true any more
    }
    return true;
  }
  const std::size_t size = what->end - what->begin;
  const std::size_t records = what->section_counts[0] + what->section_counts[1] + what->section_counts[2];
  Entry* entry = store_.make(key, what->kind, Entry::octets_for(key, size, records), now);
  if (entry == nullptr) {
    return true;
  }
  copy_records(reply, *what, what->kind == Kind::Success ? success_ : denial_, *entry);
  entry->stored = now;
  entry->expires = now + std::chrono::seconds(what->lifetime);
  entry->ask_again = TimePoint::min();
  entry->rcode = reply.extended_rcode;
  entry->is_authentic = (reply.flags & wire::flag::AD) != 0;
  return true;
}

bool ResponseCache::learn_failure(const CacheKey& key, std::uint16_t rcode, TimePoint now) noexcept {
  if (is_usable(store_.find(key), now)) {
    hold_off(key, now);
    return false;
  }
  if (rcode == wire::rcode::ServFail) {
    remember_failure(key, now);
  }
  return true;
}

void ResponseCache::remember_failure(const CacheKey& key, TimePoint now) noexcept {
  if (options_.failure_ttl <= std::chrono::milliseconds(0)) {
    return;
  }
  if (Entry* entry = store_.make(key, Kind::Failure, Entry::octets_for(key, 0, 0), now)) {
    entry->stored = now;
    entry->expires = now + options_.failure_ttl;
    entry->ask_again = TimePoint::min();
    entry->rcode = wire::rcode::ServFail;
    entry->is_authentic = false;
    entry->records_size = 0;
    entry->record_count = 0;
    std::ranges::fill(entry->section_counts, std::uint16_t{0});
  }
}

void ResponseCache::hold_off(const CacheKey& key, TimePoint now) noexcept {
  if (Entry* entry = store_.find(key)) {
    entry->ask_again = now + (options_.stale ? options_.stale->recheck : std::chrono::milliseconds(kAsking));
  }
}

bool ResponseCache::keeps(Kind kind, std::span<const std::uint8_t> folded_qname) const noexcept {
  const auto& share = kind == Kind::Success ? options_.success : options_.denial;
  return !is_at_or_below_any(share.disabled, folded_qname);
}

}  // namespace meshdns::cache
