#include "dns/wire/query_view.hpp"

#include <bit>
#include <cstring>

static_assert(std::endian::native == std::endian::little,
              "names are folded and masked in little-endian words");

namespace meshdns::wire {
namespace {

// Size of the uncompressed name at `p`, or 0. Queries have no name to point back to, so pointers are refused.
std::size_t question_name_size(const std::uint8_t* p, std::size_t available) noexcept {
  std::size_t at = 0;
  while (at < available && at < kMaxNameSize) {
    const std::uint8_t label = p[at];
    if (label == 0) {
      return at + 1;
    }
    if (label > 63) {
      return 0;
    }
    at += label + 1U;
  }
  return 0;
}

// Eight octets in lower case. Bit 7 of each octet of `upper` says whether it lies between 'A' and 'Z'. Length
// octets are at most 63, below 'A', so a whole name folds like text.
std::uint64_t fold_word(std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t ascii = word & (0x7F * kOnes);
  const std::uint64_t from_a = ascii + (0x80 - 'A') * kOnes;
  const std::uint64_t above_z = ascii + (0x80 - 'Z' - 1) * kOnes;
  const std::uint64_t upper = (from_a ^ above_z) & ~word & (0x80 * kOnes);
  return word | upper >> 2;
}

// As the public one; `readable` octets may be read at `name`, so that the last word need not be put together.
void fold_name(const std::uint8_t* name, std::size_t size, std::size_t readable, std::uint8_t* out) noexcept {
  const std::size_t whole = size & ~std::size_t{7};
  std::uint64_t word = 0;
  for (std::size_t at = 0; at < whole; at += 8) {
    std::memcpy(&word, name + at, 8);
    word = fold_word(word);
    std::memcpy(out + at, &word, 8);
  }
  if (const std::size_t rest = size - whole; rest != 0) {
    word = 0;
    if (whole + 8 <= readable) {
      std::memcpy(&word, name + whole, 8);
      word &= ~std::uint64_t{0} >> (64 - 8 * rest);
    } else {
      std::memcpy(&word, name + whole, rest);
    }
    word = fold_word(word);
    std::memcpy(out + whole, &word, 8);
  }
}

// Offset behind the records of a section, or 0.
std::size_t skip_records(std::span<const std::uint8_t> packet, std::size_t at, unsigned count) noexcept {
  for (; count != 0; --count) {
    at = skip_name(packet, at);
    if (at == 0 || at + 10 > packet.size()) {
      return 0;
    }
    at += 10U + load16(&packet[at + 8]);
    if (at > packet.size()) {
      return 0;
    }
  }
  return at;
}

bool parse_additional(std::span<const std::uint8_t> packet, std::size_t at, unsigned count,
                      QueryView& view) noexcept {
  Edns& edns = view.edns;
  for (; count != 0; --count) {
    const std::size_t owner = at;
    at = skip_name(packet, at);
    if (at == 0 || at + 10 > packet.size()) {
      return false;
    }
    const std::uint8_t* fixed = &packet[at];
    at += 10U + load16(fixed + 8);
    if (at > packet.size()) {
      return false;
    }
    if (load16(fixed) != type::OPT) {
      continue;
    }
    if (edns.present || packet[owner] != 0) {  // RFC 6891 6.1.1: one OPT, owned by the root
      return false;
    }
    edns.present = true;
    edns.udp_payload = load16(fixed + 2);
    edns.version = fixed[5];
    edns.dnssec_ok = (fixed[6] & 0x80) != 0;
    view.edns_options = packet.subspan(at - load16(fixed + 8), load16(fixed + 8));
  }
  return true;
}

}  // namespace

std::size_t skip_name(std::span<const std::uint8_t> message, std::size_t offset) noexcept {
  while (offset < message.size()) {
    const std::uint8_t label = message[offset];
    if (label == 0) {
      return offset + 1;
    }
    if (label >= 0xC0) {
      return offset + 2 <= message.size() ? offset + 2 : 0;
    }
    if (label > 63) {
      return 0;
    }
    offset += label + 1U;
  }
  return 0;
}

std::size_t expand_name(std::span<const std::uint8_t> message, std::size_t offset,
                        std::uint8_t* out) noexcept {
  std::array<std::uint8_t, kMaxNameSize + 9> name;
  std::size_t size = 0;
  while (offset < message.size()) {
    const std::uint8_t label = message[offset];
    if (label >= 0xC0) {
      if (offset + 1 >= message.size()) {
        return 0;
      }
      const std::size_t target = load16(&message[offset]) & 0x3FFF;
      if (target >= offset) {  // a pointer leads to a prior place (RFC 1035 4.1.4), so this ends
        return 0;
      }
      offset = target;
      continue;
    }
    if (label > 63 || offset + label >= message.size() || size + label + 1 > kMaxNameSize) {
      return 0;
    }
    std::memcpy(&name[size], &message[offset], label + 1U);
    size += label + 1U;
    offset += label + 1U;
    if (label == 0) {
      fold_name(name.data(), size, out);
      return size;
    }
  }
  return 0;
}

void fold_name(const std::uint8_t* name, std::size_t size, std::uint8_t* out) noexcept {
  fold_name(name, size, size, out);
}

QueryVerdict parse_query(std::span<const std::uint8_t> packet, QueryView& view) noexcept {
  view.packet = packet;
  view.qname_size = 0;
  view.edns = {};
  view.edns_options = {};
  if (packet.size() < kHeaderSize) {
    return QueryVerdict::Drop;
  }
  const std::uint8_t* header = packet.data();
  view.id = load16(header);
  view.flags = load16(header + 2);
  if ((view.flags & flag::QR) != 0) {
    return QueryVerdict::Drop;
  }
  if (view.opcode() != opcode::Query) {
    return QueryVerdict::NotImp;
  }
  if (load16(header + 4) != 1) {
    return QueryVerdict::FormErr;
  }

  const std::uint8_t* name = header + kHeaderSize;
  const std::size_t available = packet.size() - kHeaderSize;
  const std::size_t name_size = question_name_size(name, available);
  if (name_size == 0 || name_size + 4 > available) {
    return QueryVerdict::FormErr;
  }
  view.qname_size = static_cast<std::uint16_t>(name_size);
  view.qtype = load16(name + name_size);
  view.qclass = load16(name + name_size + 2);
  fold_name(name, name_size, available, view.folded.data());

  const unsigned earlier_records = load16(header + 6) + load16(header + 8);
  const unsigned additional = load16(header + 10);
  if (earlier_records + additional == 0) {
    return QueryVerdict::Ok;
  }
  const std::size_t at = skip_records(packet, kHeaderSize + name_size + 4, earlier_records);
  if (at == 0 || !parse_additional(packet, at, additional, view)) {
    return QueryVerdict::FormErr;
  }
  return view.edns.version == 0 ? QueryVerdict::Ok : QueryVerdict::BadVers;
}

}  // namespace meshdns::wire
