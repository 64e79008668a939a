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

namespace meshdns::server {

std::string server_label(
    const SocketAddress& listening);             // `dns://127.0.0.1:53`; of any address: `dns://:53`
std::string zone_label(const DomainName& zone);  // with final dot

// Gives meters to the routes of blocks with `prometheus`, and to what no block takes on their addresses.
void attach_meters(Snapshot& snapshot, const ServerOptions& options, const Listening& listening,
                   Meters& meters);

// Fills in what metrics call the blocks.
void label_blocks(std::vector<BlockStatus>& status, const ServerOptions& options, const Listening& listening);

// Of the caches there are; `blocks` are labelled.
std::vector<CacheStatus> cache_status(const BlockCaches& caches, const std::vector<BlockStatus>& blocks);

}  // namespace meshdns::server
