// The labels `server` and `zone` of metrics, and the meters of a snapshot.
#pragma once

#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/options.hpp>

#include "dns/server/listen_sockets.hpp"
#include "dns/server/query_meter.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/server/source_tallies.hpp"

namespace meshdns::server {

std::string server_label(
    const SocketAddress& listening);             // `dns://127.0.0.1:53`; of any address: `dns://:53`
std::string zone_label(const DomainName& zone);  // with final dot

// Gives meters to the routes of blocks with `prometheus`, to what no block takes on their addresses, and to
// the sources of those blocks.
void attach_meters(Snapshot& snapshot, const ServerOptions& options, const Listening& listening,
                   Meters& meters, TallyBook& tallies);

// Fills in what metrics call the blocks, and what their directives have read.
void label_blocks(std::vector<BlockStatus>& status, const ServerOptions& options, const Listening& listening,
                  const Chains& chains);

// Of the caches there are; `blocks` are labelled.
std::vector<CacheStatus> cache_status(const BlockCaches& caches, const std::vector<BlockStatus>& blocks);

}  // namespace meshdns::server
