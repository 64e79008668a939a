// SpecialNames: names that no server on the Internet can answer: `localhost` and its kin (RFC 6761), reverse
// names of this host (RFC 6303), `invalid`, `onion` (RFC 7686), `home.arpa` (RFC 8375).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/options.hpp>

#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

class SpecialNames final : public Source {
 public:
  enum class Scope : std::uint8_t {
    ThisHost,        // as CoreDNS's `local`
    WithPrefix,      // `localhost.*` too
    NeverForwarded,  // those of this host, and those that do not exist
  };

  // Names for which the block has a zone of its own, or a `forward`, are left alone.
  SpecialNames(Scope scope, const BlockOptions& block);

  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "local"; }
  std::vector<Tally> tallies() const override;

  // False for most names: none of the zones. What `WithPrefix` adds is not considered.
  static bool may_have(std::span<const std::uint8_t> folded_qname) noexcept {
    const std::size_t size = folded_qname.size();
    return size > 3 && is_end_of_zone(folded_qname[size - 3], folded_qname[size - 2]);
  }

 private:
  // The last two letters of localhost, arpa, invalid, onion.
  static constexpr bool is_end_of_zone(std::uint8_t first, std::uint8_t second) noexcept {
    return (first == 's' && second == 't') || (first == 'p' && second == 'a') ||
           (first == 'i' && second == 'd') || (first == 'o' && second == 'n');
  }

  Scope scope_;
  std::vector<DomainName> configured_;
};

}  // namespace meshdns::plugin
