// What an UPDATE (RFC 2136) is about: its zone, and the names of its records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/wire/query_view.hpp"

namespace meshdns::wire {

// Reads the zone section into `view`, of whose packet parse_query() has read the header, as if it asked for
// the zone's SOA. False: there is not exactly one zone, or it is not named so (RFC 2136 3.1.1: FORMERR).
bool parse_update(QueryView& view) noexcept;

// The owners of the records in the prerequisite and the update section.
class UpdateOwners {
 public:
  // parse_update() could read it.
  explicit UpdateOwners(const QueryView& update) noexcept;

  // In lower case, padded as QueryView::folded, valid until the next call. Empty: there are no more, or
  // is_broken().
  std::span<const std::uint8_t> next() noexcept;

  // The message ends inside a record, or a name never ends.
  bool is_broken() const { return at_ == 0; }

 private:
  std::span<const std::uint8_t> message_;
  std::size_t at_;
  unsigned left_;
  alignas(8) std::array<std::uint8_t, kMaxNameSize + 9> owner_{};
};

}  // namespace meshdns::wire
