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

  std::span<const std::uint8_t> message() const { return {bytes.data(), size}; }
};

// RD, AD and CD are the client's; DO too. The OPT advertises kOwnUdpPayload and carries no option: cookies
// and client-subnet of the client stay here. `with_edns` false: for upstreams that choke on OPT.
UpstreamQuery make_upstream_query(const QueryView& query, std::uint16_t id, bool with_edns) noexcept;

}  // namespace meshdns::wire
