// QueryView: what a query says, without copying it, and the rules that decide whether it is a query at all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/wire/message.hpp"

namespace meshdns::wire {

// What the client told in its OPT record (RFC 6891). Options are not kept with it: none is reflected or
// passed on.
struct Edns {
  bool present = false;
  bool dnssec_ok = false;
  std::uint8_t version = 0;
  std::uint16_t udp_payload = 0;  // as the client wrote it
  bool operator==(const Edns&) const = default;
};

// Points into the packet it was parsed from, which must outlive it.
struct QueryView {
  std::span<const std::uint8_t> packet;
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // the client's second header word
  std::uint16_t qtype = 0;
  std::uint16_t qclass = 0;
  std::uint16_t qname_size = 0;  // octets, root label included; 0: no readable question
  Edns edns;
  std::span<const std::uint8_t> edns_options;  // of the client's OPT, as it wrote them

  // The qname in lower case (RFC 4343), padded with zeros to a multiple of 8 so that it can be read in words.
  alignas(8) std::array<std::uint8_t, kMaxNameSize + 9> folded;

  std::uint8_t opcode() const { return static_cast<std::uint8_t>((flags & flag::OpcodeMask) >> 11); }
  bool has_question() const { return qname_size != 0; }
  // Question section in the client's exact bytes; empty without a question.
  std::span<const std::uint8_t> question() const {
    return packet.subspan(kHeaderSize, has_question() ? qname_size + 4U : 0U);
  }
  std::span<const std::uint8_t> qname() const { return packet.subspan(kHeaderSize, qname_size); }
  std::span<const std::uint8_t> folded_qname() const { return {folded.data(), qname_size}; }
};

enum class QueryVerdict : std::uint8_t {
  Ok,
  Drop,     // shorter than a header, or a response
  FormErr,  // answered with the header alone, and the question if it was readable
  NotImp,   // an opcode other than QUERY: answered with the header alone
  BadVers,  // EDNS version above 0 (RFC 6891 6.1.3)
};

// Fills `view` as far as it gets. Bytes after the message are ignored. Never allocates, never throws.
QueryVerdict parse_query(std::span<const std::uint8_t> packet, QueryView& view) noexcept;

// Copies `name` in lower case, padded with zeros to a multiple of 8 octets: `out` must have room for size
// + 7.
void fold_name(const std::uint8_t* name, std::size_t size, std::uint8_t* out) noexcept;

// Offset behind the (possibly compressed) name at `offset`, or 0 if it does not end inside the message.
std::size_t skip_name(std::span<const std::uint8_t> message, std::size_t offset) noexcept;

// The name at `offset` without compression, in lower case and padded as by fold_name(): `out` must have room
// for kMaxNameSize + 9 octets. Its size, or 0 if it is none.
std::size_t expand_name(std::span<const std::uint8_t> message, std::size_t offset,
                        std::uint8_t* out) noexcept;

}  // namespace meshdns::wire
