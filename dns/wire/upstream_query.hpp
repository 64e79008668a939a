// The query that we send to an upstream: the client's question with our own id and our own OPT.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/wire/message.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::wire {

struct UpstreamQuery {
  std::array<std::uint8_t, kHeaderSize + kMaxNameSize + 4 + 11> bytes;
  std::size_t size = 0;
  std::size_t question_size = 0;

  std::span<const std::uint8_t> message() const { return {bytes.data(), size}; }
  std::span<std::uint8_t> message() { return {bytes.data(), size}; }
  bool has_edns() const { return size != kHeaderSize + question_size; }
  bool dnssec_ok() const { return has_edns() && (bytes[size - 4] & 0x80) != 0; }
  std::uint16_t qtype() const { return load16(&bytes[kHeaderSize + question_size - 4]); }
  std::uint16_t qclass() const { return load16(&bytes[kHeaderSize + question_size - 2]); }

  void set_qtype(std::uint16_t type) { store16(&bytes[kHeaderSize + question_size - 4], type); }
  void drop_edns() {  // for upstreams that choke on OPT
    size = kHeaderSize + question_size;
    store16(&bytes[10], 0);
  }
};

// RD, AD and CD are the client's; DO too. The OPT advertises kOwnUdpPayload and carries no option: cookies
// and client-subnet of the client stay here.
UpstreamQuery make_upstream_query(const QueryView& query, std::uint16_t id) noexcept;

}  // namespace meshdns::wire
