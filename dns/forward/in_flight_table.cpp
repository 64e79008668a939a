#include "dns/forward/in_flight_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace meshdns::forward {

namespace {

constexpr std::size_t kMaxBuckets = 65'536;

}  // namespace

QuestionKey::QuestionKey(std::uint32_t generation, std::size_t pool, const wire::QueryView& query)
    : size_(kHeadSize + query.qname_size) {
  const auto flags = static_cast<std::uint16_t>(
      (query.flags & (wire::flag::RD | wire::flag::AD | wire::flag::CD)) | (query.edns.dnssec_ok ? 1 : 0));
  wire::store32(octets_.data(), generation);
  wire::store32(&octets_[4], static_cast<std::uint32_t>(pool));
  wire::store16(&octets_[8], flags);
  wire::store16(&octets_[10], query.qtype);
  wire::store16(&octets_[12], query.qclass);
  std::memcpy(&octets_[kHeadSize], query.folded.data(), query.qname_size);
}

InFlightTable::InFlightTable(std::size_t expected)
    : buckets_(std::min(std::bit_ceil(std::max<std::size_t>(expected, 1)), kMaxBuckets)),
      by_key_({buckets_.data(), buckets_.size()}) {}

InFlightTable::Entry* InFlightTable::find(std::string_view key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found;
}

InFlightTable::Entry& InFlightTable::add(std::string_view key) {
  if (spare_.empty()) {
    spare_.emplace_back();
  }
  const auto place = spare_.begin();
  by_age_.splice(by_age_.end(), spare_, place);
  place->key = key;
  place->place = place;
  by_key_.insert(*place);
  return *place;
}

InFlightTable::Entries InFlightTable::take_out(Entry& entry) {
  by_key_.erase(by_key_.iterator_to(entry));
  Entries alone;
  alone.splice(alone.end(), by_age_, entry.place);
  return alone;
}

void InFlightTable::put_away(Entries& entry) {
  Entry& old = entry.front();
  old.lookup.reset();
  old.first.done = nullptr;
  old.joined = std::vector<Asker>();
  if (spare_.size() < kMaxSpare) {
    spare_.splice(spare_.begin(), entry);
  }
}

}  // namespace meshdns::forward
