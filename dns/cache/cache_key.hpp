// CacheKey: what makes two questions the same to the cache: name without case, type, class, DO and CD.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "dns/wire/query_view.hpp"

namespace meshdns::cache {

// A view: the name must outlive it.
struct CacheKey {
  const std::uint8_t* name = nullptr;  // in lower case, padded with zeros to a multiple of 8
  std::uint64_t question = 0;          // everything else, and the size of the name

  static CacheKey of(const wire::QueryView& query) noexcept {
    return {query.folded.data(), question_of(query)};
  }

  std::size_t name_size() const noexcept { return question & 0xFF; }
  std::size_t padded_name_size() const noexcept { return (name_size() + 7) & ~std::size_t{7}; }
  std::uint16_t qtype() const noexcept { return static_cast<std::uint16_t>(question >> 16); }
  bool dnssec_ok() const noexcept { return (question >> 8 & 1U) != 0; }
  bool checking_disabled() const noexcept { return (question >> 8 & 2U) != 0; }
  std::uint16_t qclass() const noexcept { return static_cast<std::uint16_t>(question >> 32); }

  std::uint64_t hash(std::uint64_t seed) const noexcept {
    std::uint64_t h = (seed ^ question) * kMultiplier;
    h ^= h >> 32;
    for (std::size_t at = 0; at < name_size(); at += 8) {
      h = (h ^ word(name + at)) * kMultiplier;
      h ^= h >> 32;
    }
    return h * kMultiplier;
  }

  // `other` is padded as `name` is, and belongs to a key with the same `question`.
  bool has_name(const std::uint8_t* other) const noexcept {
    for (std::size_t at = 0; at < name_size(); at += 8) {
      if (word(name + at) != word(other + at)) {
        return false;
      }
    }
    return true;
  }

 private:
  static constexpr std::uint64_t kMultiplier = 0xD6E8FEB86659FD93;

  static std::uint64_t question_of(const wire::QueryView& query) noexcept {
    const std::uint64_t flags =
        (query.edns.dnssec_ok ? 1U : 0U) | ((query.flags & wire::flag::CD) != 0 ? 2U : 0U);
    return query.qname_size | flags << 8 | std::uint64_t{query.qtype} << 16 |
           std::uint64_t{query.qclass} << 32;
  }

  static std::uint64_t word(const std::uint8_t* octets) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, octets, sizeof value);
    return value;
  }
};

// A key that outlives the query it was made of.
class KeptKey {
 public:
  explicit KeptKey(const CacheKey& key) noexcept : question_(key.question) {
    std::memcpy(name_.data(), key.name, key.padded_name_size());
  }

  // `name` in any letter case; `question` as CacheKey has it.
  KeptKey(std::span<const std::uint8_t> name, std::uint64_t question) noexcept : question_(question) {
    wire::fold_name(name.data(), name.size(), name_.data());
  }

  CacheKey view() const noexcept { return {name_.data(), question_}; }

 private:
  alignas(8) std::array<std::uint8_t, wire::kMaxNameSize + 1> name_;
  std::uint64_t question_;
};

}  // namespace meshdns::cache
