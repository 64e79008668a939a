// Which names a directive is for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <meshdns/domain_name.hpp>

#include "dns/wire/wire_name.hpp"

namespace meshdns::plugin {

// Those written with a directive, or those of its block.
inline const std::vector<DomainName>& zones_or(const std::vector<DomainName>& written,
                                               const std::vector<DomainName>& of_block) {
  return written.empty() ? of_block : written;
}

// The longest one that the lower-cased `qname` lies in; null: none.
inline const DomainName* zone_of(const std::vector<DomainName>& zones, std::span<const std::uint8_t> qname) {
  const DomainName* longest = nullptr;
  for (const DomainName& zone : zones) {
    if (wire::is_at_or_below(qname, zone.wire()) &&
        (longest == nullptr || zone.wire().size() > longest->wire().size())) {
      longest = &zone;
    }
  }
  return longest;
}

}  // namespace meshdns::plugin
