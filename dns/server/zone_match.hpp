// Whether a name lies in a zone, on names in folded wire format.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <meshdns/domain_name.hpp>

namespace meshdns::server {

// True if `name` ends with `zone` on a label boundary.
inline bool is_at_or_below(std::span<const std::uint8_t> name, std::span<const std::uint8_t> zone) noexcept {
  if (zone.size() == 1) {
    return true;
  }
  std::size_t at = 0;
  while (name.size() - at > zone.size()) {
    at += name[at] + 1U;
  }
  return name.size() - at == zone.size() && std::equal(zone.begin(), zone.end(), name.begin() + at);
}

inline bool is_below_any(const std::vector<DomainName>& zones, std::span<const std::uint8_t> name) noexcept {
  return std::ranges::any_of(zones,
                             [&](const DomainName& zone) { return is_at_or_below(name, zone.wire()); });
}

}  // namespace meshdns::server
