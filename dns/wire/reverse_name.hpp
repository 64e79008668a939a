// Reverse names (RFC 1035 3.5, RFC 3596 2.5) to the address they stand for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <meshdns/address.hpp>
#include <meshdns/ip_range.hpp>

namespace meshdns::wire {

// `folded` is a lower-cased wire name. Nullopt unless it is a whole address below in-addr.arpa or ip6.arpa.
std::optional<IpAddress> address_of_reverse_name(std::span<const std::uint8_t> folded) noexcept;

// Octets of the zone, at the end of such a name, that one would delegate for this part of `range`: the
// highest label boundary within it. Of 240.0.0.0/4 and 1.2.3.250.in-addr.arpa it is 250.in-addr.arpa, of
// 10.8.0.0/13 and 1.2.9.10.in-addr.arpa it is 9.10.in-addr.arpa.
std::uint16_t reverse_zone_size(std::span<const std::uint8_t> folded, const IpRange& range) noexcept;

}  // namespace meshdns::wire
