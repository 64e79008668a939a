// Names in uncompressed wire form, as octets.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace meshdns::wire {

// True if `name` is `zone` or a name below it. Both in the same letter case.
inline bool is_at_or_below(std::span<const std::uint8_t> name, std::span<const std::uint8_t> zone) noexcept {
  if (name.size() < zone.size()) {
    return false;
  }
  std::size_t at = 0;
  while (name.size() - at > zone.size()) {
    at += name[at] + 1U;
  }
  return name.size() - at == zone.size() && std::equal(zone.begin(), zone.end(), name.begin() + at);
}

}  // namespace meshdns::wire
