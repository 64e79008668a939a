#include "dns/answer/answer_table.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/wire/query_view.hpp"

namespace meshdns::answer {
namespace {

constexpr std::size_t kIpv4Record = 16;  // pointer, type, class, TTL, length, address
constexpr std::size_t kIpv6Record = 28;

bool same_words(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) noexcept {
  for (std::size_t at = 0; at < size; at += 8) {
    std::uint64_t wa = 0;
    std::uint64_t wb = 0;
    std::memcpy(&wa, a + at, 8);
    std::memcpy(&wb, b + at, 8);
    if (wa != wb) {
      return false;
    }
  }
  return true;
}

// An overlay name is not the owned suffix's to speak for, even where it lies below one.
std::uint16_t owner_size(const AnswerTable::Node& node) noexcept {
  return node.is_strict ? node.suffix_size : std::uint16_t{0};
}

}  // namespace

std::uint64_t AnswerTable::hash(const std::uint8_t* folded, std::size_t size) noexcept {
  std::uint64_t h = 0x9E3779B97F4A7C15 ^ size;
  for (std::size_t at = 0; at < size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, folded + at, 8);
    h = (h ^ word) * 0xD6E8FEB86659FD93;
    h ^= h >> 32;
  }
  return h * 0xD6E8FEB86659FD93;
}

std::uint64_t AnswerTable::top_bit(std::span<const std::uint8_t> folded) noexcept {
  constexpr std::uint64_t kAny = ~std::uint64_t{0};
  if (folded.size() < 3) {
    return kAny;  // the root
  }
  const std::uint8_t* end = folded.data() + folded.size() - 3;  // two octets; of a short label its length
  return std::uint64_t{1} << ((end[0] * 31U + end[1]) % 64);
}

const AnswerTable::Node* AnswerTable::lookup(const std::uint8_t* folded, std::size_t size) const noexcept {
  const std::uint64_t h = hash(folded, size);
  const std::size_t mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(h >> 32);
  for (std::size_t at = (h >> 8) & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.node == kNone) {
      return nullptr;
    }
    if (slot.tag == tag) {
      const Node& node = nodes_[slot.node];
      if (node.name_size == size && same_words(&names_[node.name_offset], folded, size)) {
        return &node;
      }
    }
  }
}

AnswerTable::Match AnswerTable::find(std::span<const std::uint8_t> folded) const noexcept {
  if ((top_bits_ & top_bit(folded)) == 0) {
    return {};
  }
  if (const Node* node = lookup(folded.data(), folded.size())) {
    if (!node->exists) {
      return node->owns_below ? Match{Kind::NxDomain, node, false, node->suffix_size} : Match{};
    }
    return {Kind::Name, node, false, owner_size(*node)};
  }
  return match_encloser(folded);
}

// From the root downwards: every ancestor of a name is in the table, so the first one that is missing ends
// the search.
AnswerTable::Match AnswerTable::match_encloser(std::span<const std::uint8_t> folded) const noexcept {
  std::array<std::uint8_t, 128> label_at;
  std::size_t labels = 0;
  for (std::size_t at = 0; folded[at] != 0; at += folded[at] + 1U) {
    label_at[labels++] = static_cast<std::uint8_t>(at);
  }

  const Node* encloser = nodes_.data();
  alignas(8) std::array<std::uint8_t, wire::kMaxNameSize + 9> ancestor;
  while (labels-- > 1) {  // label 0 would be the name itself, which is known to be missing
    const std::size_t size = folded.size() - label_at[labels];
    std::memset(ancestor.data() + (size & ~std::size_t{7}), 0, 8);
    std::memcpy(ancestor.data(), folded.data() + label_at[labels], size);
    const Node* deeper = lookup(ancestor.data(), size);
    if (deeper == nullptr) {
      break;
    }
    encloser = deeper;
  }
  if (encloser->wildcard != kNone) {
    const Node& wildcard = nodes_[encloser->wildcard];
    return {Kind::Name, &wildcard, true, owner_size(wildcard)};
  }
  if (encloser->owns_below) {
    return {Kind::NxDomain, encloser, false, encloser->suffix_size};
  }
  return {};
}

Rrset AnswerTable::ipv4(const Node& node) const noexcept {
  return {{records_.data() + node.ipv4_offset, node.ipv4_count * kIpv4Record}, node.ipv4_count};
}

Rrset AnswerTable::ipv6(const Node& node) const noexcept {
  return {{records_.data() + node.ipv6_offset, node.ipv6_count * kIpv6Record}, node.ipv6_count};
}

Rrset AnswerTable::other(const Node& node, std::uint16_t type) const noexcept {
  if (!node.has_other_rrsets) {
    return {};
  }
  const auto index = static_cast<std::uint32_t>(&node - nodes_.data());
  const auto found = std::lower_bound(
      others_.begin(), others_.end(), std::pair(index, type),
      [](const OtherRrset& other, const auto& key) { return std::pair(other.node, other.type) < key; });
  if (found == others_.end() || found->node != index || found->type != type) {
    return {};
  }
  return {{records_.data() + found->offset, found->size}, found->count};
}

std::span<const std::uint8_t> AnswerTable::name(const Node& node) const noexcept {
  return {names_.data() + node.name_offset, node.name_size};
}

std::span<const AnswerTable::Reverse> AnswerTable::reverse(const IpAddress& address) const noexcept {
  const auto [first, last] = std::ranges::equal_range(reverse_, address, {}, &Reverse::address);
  return {first, last};
}

const IpRange* AnswerTable::vip_range(const IpAddress& address) const noexcept {
  const auto found =
      std::ranges::find_if(vip_ranges_, [&](const IpRange& range) { return range.contains(address); });
  return found == vip_ranges_.end() ? nullptr : &*found;
}

std::size_t AnswerTable::memory_octets() const noexcept {
  return slots_.capacity() * sizeof(Slot) + nodes_.capacity() * sizeof(Node) + names_.capacity() +
         records_.capacity() + others_.capacity() * sizeof(OtherRrset) +
         reverse_.capacity() * sizeof(Reverse);
}

}  // namespace meshdns::answer
