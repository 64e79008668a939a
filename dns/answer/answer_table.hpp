// AnswerTable: every name the mesh owns, with its answers already in wire form.
//
// Built once by compile_answers(); afterwards immutable, so any thread may read it without locks. Lookup
// never allocates, throws or logs, and costs the same for ten names and for a million. Names are matched
// without case (RFC 4343), wildcards by RFC 4592.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/ip_range.hpp>

namespace meshdns::answer {

// TTL and SOA minimum of negative answers, in seconds: short, because a service may appear at any moment.
inline constexpr std::uint32_t kNegativeTtl = 5;

// What is said of names that stubs make of ours and a suffix of their search list.
struct SearchPolicy {
  bool is_alias = false;             // each is a CNAME to the name of ours; else it does not exist
  std::vector<DomainName> suffixes;  // empty: nothing, they are forwarded as others are
};

// Records of one type, ready to be copied behind a question: their owner is a pointer to the qname.
struct Rrset {
  std::span<const std::uint8_t> records;
  std::uint16_t count = 0;
};

class AnswerTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct Node {
    std::uint32_t name_offset = 0;
    std::uint32_t ttl = 0;
    std::uint32_t ipv4_offset = 0;
    std::uint32_t ipv6_offset = 0;
    std::uint32_t wildcard = kNone;  // the node `*.<this>`
    std::uint32_t record =
        kNone;  // index in MeshZone::records; kNone: an empty non-terminal or an owned suffix
    std::uint16_t ipv4_count = 0;
    std::uint16_t ipv6_count = 0;
    std::uint16_t suffix_size = 0;  // octets of the owned suffix it lies in; 0: none
    std::uint8_t name_size = 0;
    // Answered here; false: only on the way to a name that is, and NXDOMAIN if owns_below.
    bool exists = false;
    bool is_strict = false;   // answered here for every type; false: an overlay name
    bool owns_below = false;  // names below it that are not in the table do not exist; false: others know
    bool has_other_rrsets = false;
  };

  enum class Kind : std::uint8_t {
    NotOurs,
    Name,      // the name exists, by itself or by a wildcard
    NxDomain,  // below an owned suffix, and no such name, or one that is taken for none
  };

  struct Match {
    Kind kind = Kind::NotOurs;
    const Node* node = nullptr;  // Name: the node whose data answer. NxDomain: the closest encloser
    bool by_wildcard = false;
    std::uint16_t suffix_size = 0;  // octets of the owned suffix; 0: the name speaks for itself
  };

  // `folded` is a lower-cased wire name, padded with zeros to a multiple of 8 octets
  // (wire::QueryView::folded).
  Match find(std::span<const std::uint8_t> folded) const noexcept;

  Rrset ipv4(const Node& node) const noexcept;
  Rrset ipv6(const Node& node) const noexcept;
  Rrset other(const Node& node, std::uint16_t type) const noexcept;  // empty: there is none
  std::span<const std::uint8_t> name(const Node& node) const noexcept;

  // Names that have this address, in zone order: indices for node().
  struct Reverse {
    IpAddress address;
    std::uint32_t node = 0;
  };
  std::span<const Reverse> reverse(const IpAddress& address) const noexcept;
  const Node& node(std::uint32_t index) const noexcept { return nodes_[index]; }

  // The range of virtual IPs that an address lies in, the widest if they overlap; null: none.
  const IpRange* vip_range(const IpAddress& address) const noexcept;

  // SOA of an owned suffix; its first two octets are the owner, to be pointed at the suffix inside the qname.
  std::span<const std::uint8_t> soa() const noexcept { return soa_; }
  std::span<const std::uint8_t> minimal_any() const noexcept { return minimal_any_; }  // RFC 8482

  const SearchPolicy& search() const noexcept { return search_; }

  std::size_t name_count() const noexcept { return name_count_; }
  std::size_t memory_octets() const noexcept;

 private:
  friend class AnswerTableBuilder;

  struct Slot {
    std::uint32_t tag = 0;  // upper half of the hash
    std::uint32_t node = kNone;
  };
  struct OtherRrset {
    std::uint32_t node = 0;
    std::uint16_t type = 0;
    std::uint16_t count = 0;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  static std::uint64_t hash(const std::uint8_t* folded, std::size_t size) noexcept;
  // One bit by the end of the top label, so that most names of the world are told from ours without a hash.
  static std::uint64_t top_bit(std::span<const std::uint8_t> folded) noexcept;

  const Node* lookup(const std::uint8_t* folded, std::size_t size) const noexcept;
  Match match_encloser(std::span<const std::uint8_t> folded) const noexcept;

  std::vector<Slot> slots_;          // a power of two, at most half full
  std::vector<Node> nodes_;          // [0] is the root
  std::vector<std::uint8_t> names_;  // each padded with zeros to a multiple of 8
  std::vector<std::uint8_t> records_;
  std::vector<OtherRrset> others_;   // sorted by node, then type
  std::vector<Reverse> reverse_;     // sorted by address, then zone order
  std::vector<IpRange> vip_ranges_;  // the widest first
  std::vector<std::uint8_t> soa_;
  std::vector<std::uint8_t> minimal_any_;
  std::uint64_t top_bits_ =
      0;  // of the names below the root; all of them if the root answers for what is below
  std::size_t name_count_ = 0;
  SearchPolicy search_;
};

}  // namespace meshdns::answer
