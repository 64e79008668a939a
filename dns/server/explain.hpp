// explain(): who would answer a query, and why. It asks the very code that answers, so the two cannot
// disagree; nothing is sent, counted or kept.
#pragma once

#include <cstdint>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/options.hpp>

#include "dns/inspect/explanation.hpp"
#include "dns/server/snapshot.hpp"

namespace meshdns::server {

// Which block takes a query depends on the address it comes to: one Explanation for each that does. They
// point into `snapshot`, whose blocks with a mesh have their zones. Empty: such a query cannot be asked.
std::vector<inspect::Explanation> explain(const Snapshot& snapshot, const ServerOptions& options,
                                          const DomainName& name, std::uint16_t type);

}  // namespace meshdns::server
