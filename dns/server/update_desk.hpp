// UpdateDesk: what becomes of an UPDATE (RFC 2136): it goes where a question for its zone would go, if that
// is a `forward` with `relay_updates`. What this server answers itself cannot be changed over DNS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dns/base/counters.hpp"
#include "dns/forward/forwarder.hpp"
#include "dns/server/origin.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

// Not thread-safe: one per worker, part of its QueryHandler.
class UpdateDesk {
 public:
  UpdateDesk(forward::Forwarder& forwarder, base::Counters& counters)
      : forwarder_(forwarder), counters_(counters) {}

  // A message that is no query: parse_query() has read its header. As QueryHandler::handle(); NOTIMP unless
  // it is an UPDATE that somebody relays.
  std::size_t answer(wire::QueryView& message, const Router& router, const Snapshot& snapshot,
                     const Origin& origin, std::span<std::uint8_t> out);

 private:
  std::size_t relay(const wire::QueryView& update, const Block& block, std::size_t pool,
                    const Origin& origin);

  forward::Forwarder& forwarder_;
  base::Counters& counters_;
};

}  // namespace meshdns::server
