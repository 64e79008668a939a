// Putting messages together octet by octet.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "dns/wire/message.hpp"
#include "tests/support/dns_message.hpp"

namespace meshdns::test {

inline void append(Octets& out, std::span<const std::uint8_t> more) {
  out.insert(out.end(), more.begin(), more.end());
}

inline void append16(Octets& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline void append32(Octets& out, std::uint32_t value) {
  append16(out, value >> 16);
  append16(out, value & 0xFFFF);
}

inline Octets header(std::uint16_t id, std::uint16_t flags, std::initializer_list<unsigned> counts) {
  Octets out;
  append16(out, id);
  append16(out, flags);
  for (const unsigned count : counts) {
    append16(out, count);
  }
  return out;
}

// Labels of these sizes, each filled with `letter`, and the root label.
inline Octets name_of(std::initializer_list<unsigned> label_sizes, char letter = 'x') {
  Octets out;
  for (const unsigned size : label_sizes) {
    out.push_back(static_cast<std::uint8_t>(size));
    out.insert(out.end(), size, static_cast<std::uint8_t>(letter));
  }
  out.push_back(0);
  return out;
}

// A record with this owner (wire form; by default a pointer to the question).
inline Octets record(std::uint16_t type, std::span<const std::uint8_t> rdata, Octets owner = {0xC0, 12},
                     std::uint32_t ttl = 60) {
  append16(owner, type);
  append16(owner, wire::klass::IN);
  append32(owner, ttl);
  append16(owner, static_cast<unsigned>(rdata.size()));
  append(owner, rdata);
  return owner;
}

inline Octets a_record(std::uint8_t last_octet) {
  const Octets address = {10, 0, 0, last_octet};
  return record(wire::type::A, address);
}

inline Octets opt_record(std::uint8_t extended_rcode = 0, std::span<const std::uint8_t> options = {},
                         std::uint16_t size = 4096, std::uint8_t version = 0) {
  Octets out = {0};
  append16(out, wire::type::OPT);
  append16(out, size);
  out.push_back(extended_rcode);
  out.push_back(version);
  append16(out, 0);
  append16(out, static_cast<unsigned>(options.size()));
  append(out, options);
  return out;
}

// Adds a record to a message and counts it: section 1 is answer, 2 authority, 3 additional. Sections must be
// filled in this order.
inline void add_record(Octets& message, unsigned section, std::span<const std::uint8_t> record) {
  append(message, record);
  std::uint8_t* count = &message[4 + 2 * section];
  wire::store16(count, static_cast<std::uint16_t>(wire::load16(count) + 1));
}

}  // namespace meshdns::test
