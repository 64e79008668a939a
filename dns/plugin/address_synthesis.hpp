// AddressSynthesis: a directive that makes AAAA records of A records (DNS64, RFC 6147).
//
// Immutable once made, so that all workers share it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/plugin/source.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::plugin {

class AddressSynthesis {
 public:
  virtual ~AddressSynthesis() = default;

  // Whether the response to this query may have to be made up.
  virtual bool concerns(const wire::QueryView& query, const Client& client) const = 0;

  // Whether this response to it has to be: then A of the same name is asked.
  virtual bool is_needed(std::span<const std::uint8_t> response) const = 0;

  // The response from the one with A records; empty: there is nothing to make it from.
  virtual std::vector<std::uint8_t> synthesize(std::span<const std::uint8_t> response,
                                               std::span<const std::uint8_t> ipv4_response) const = 0;
};

}  // namespace meshdns::plugin
