// Which VirtualOutbounds apply to a set of tags, in which order, and what they make of it.
//
// Kuma: pkg/dns/virtual_outbound_selector.go, virtual_outbound_helpers.go.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zones/kuma/resources_of_mesh.hpp"

namespace meshdns::kuma {

// True if every tag of `selector` is in `tags` with the same value, or with any where the selector says `*`.
bool selects(const Tags& selector, const Tags& tags);

// All policies with a selector that matches. The best matching selector decides the order: more tags first,
// then more exact values, then the policy made last.
std::vector<Placed<VirtualOutbound>> match(const Listing<VirtualOutbound>& policies, const Tags& tags);

// As Go's strconv.ParseInt: leading zeros and a `+` are fine. Nullopt: no number from 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

struct VirtualName {
  std::string host;
  std::uint16_t port = 0;
};

// The error says why these tags make no name.
std::expected<VirtualName, std::string> evaluate(const VirtualOutbound& policy, const Tags& tags);

}  // namespace meshdns::kuma
