// ResponseChange, change_response(): how a response to a rewritten query becomes one to the client's. Its
// file is one of those that know ldns.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "dns/plugin/name_pattern.hpp"

namespace meshdns::plugin {

struct OwnerChange {
  NameMapping names;
};
struct ValueChange {  // the name in the data of CNAME, DNAME, MX, NAPTR, NS, PTR, SOA (the first) and SRV
  NameMapping names;
};
struct TtlChange {  // into this range, in seconds
  std::uint32_t least = 0;
  std::uint32_t most = 0;
};
struct RcodeChange {
  std::uint16_t from = 0;
  std::uint16_t to = 0;
};
using ResponseChange = std::variant<OwnerChange, ValueChange, TtlChange, RcodeChange>;

// Applies the changes from the last to the first, and puts `question` (wire form) in place. Empty: the
// response cannot be read, or is too large afterwards.
std::vector<std::uint8_t> change_response(std::span<const std::uint8_t> response,
                                          std::span<const std::uint8_t> question,
                                          std::span<const ResponseChange> changes);

}  // namespace meshdns::plugin
