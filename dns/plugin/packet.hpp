// Messages as ldns sees them, for directives that take them apart. Only files that tests/layout allows to
// know ldns include this.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include <ldns/ldns.h>

namespace meshdns::plugin {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using Packet = std::unique_ptr<ldns_pkt, FreeWith<ldns_pkt_free>>;
using Record = std::unique_ptr<ldns_rr, FreeWith<ldns_rr_free>>;
using RecordList = std::unique_ptr<ldns_rr_list, FreeWith<ldns_rr_list_deep_free>>;
using RecordData = std::unique_ptr<ldns_rdf, FreeWith<ldns_rdf_deep_free>>;

// Null: not a message.
inline Packet parse_packet(std::span<const std::uint8_t> message) {
  ldns_pkt* packet = nullptr;
  return ldns_wire2pkt(&packet, message.data(), message.size()) == LDNS_STATUS_OK ? Packet(packet) : nullptr;
}

// Empty if it is larger than a message may be.
inline std::vector<std::uint8_t> packet_octets(const ldns_pkt& packet) {
  std::uint8_t* octets = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&octets, &packet, &size) != LDNS_STATUS_OK) {
    return {};
  }
  const std::unique_ptr<std::uint8_t, FreeWith<std::free>> owner(octets);
  return {octets, octets + size};
}

// The octets of an A or AAAA record; empty: it has other data than an address, or none.
inline std::span<std::uint8_t> address_octets(const ldns_rr& record) {
  const ldns_rr_type type = ldns_rr_get_type(&record);
  const std::size_t size = type == LDNS_RR_TYPE_A ? 4 : type == LDNS_RR_TYPE_AAAA ? 16 : 0;
  const ldns_rdf* data = ldns_rr_rd_count(&record) == 1 ? ldns_rr_rdf(&record, 0) : nullptr;
  if (size == 0 || data == nullptr || ldns_rdf_size(data) != size) {
    return {};
  }
  return {ldns_rdf_data(data), size};
}

}  // namespace meshdns::plugin
