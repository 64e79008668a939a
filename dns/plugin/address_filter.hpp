// filter: addresses of one family that upstreams have and clients are not told of. Its file is one of those
// that know ldns.
//
// Immutable once made, so that all workers share it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <meshdns/rewriting_options.hpp>

#include "dns/wire/query_view.hpp"

namespace meshdns::plugin {

class AddressFilter {
 public:
  explicit AddressFilter(const FilterOptions& options) : options_(options) {}

  // Whether the response to this query may have something to hide. Clients that check DNSSEC themselves (DO
  // and CD) would take an answer without its records for a forgery.
  bool concerns(const wire::QueryView& query) const {
    const bool checks_itself = query.edns.dnssec_ok && (query.flags & wire::flag::CD) != 0;
    return query.qtype == options_.qtype && query.qclass == wire::klass::IN && !checks_itself;
  }

  // Whether this response to it has: an error and NODATA have not.
  bool is_needed(std::span<const std::uint8_t> response) const;

  // Whether it depends on the addresses of the other family: then those are asked for.
  bool spares_the_only_ones() const { return options_.unless_only; }
  std::uint16_t other_type() const {
    return options_.qtype == wire::type::A ? wire::type::AAAA : wire::type::A;
  }
  bool has_others(std::span<const std::uint8_t> other_response) const;

  // The response without such records: aliases stay, and where there is no SOA it gets one of ours. Empty: it
  // cannot be made.
  std::vector<std::uint8_t> hide(std::span<const std::uint8_t> response) const;

  std::string text() const;  // as it is written: "filter aaaa unless-only"

 private:
  FilterOptions options_;
};

}  // namespace meshdns::plugin
