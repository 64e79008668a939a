// Whether a name lies in a zone, on names in folded wire format.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <meshdns/domain_name.hpp>

#include "dns/wire/wire_name.hpp"

namespace meshdns::server {

using wire::is_at_or_below;

inline bool is_below_any(const std::vector<DomainName>& zones, std::span<const std::uint8_t> name) noexcept {
  return std::ranges::any_of(zones,
                             [&](const DomainName& zone) { return is_at_or_below(name, zone.wire()); });
}

}  // namespace meshdns::server
