#include "dns/server/server_label.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace meshdns::server {
namespace {

// The addresses of one port of `listening`; one that is not listened on (its family is missing here) is left
// out.
std::vector<std::string> server_labels(const BlockOptions& block, const Listening& listening) {
  std::vector<std::string> labels;
  for (const SocketAddress& address : block.listen) {
    const auto actual = listening.find(address);
    if (actual == listening.end()) {
      continue;
    }
    std::string label = server_label(actual->second);
    if (std::ranges::find(labels, label) == labels.end()) {
      labels.push_back(std::move(label));
    }
  }
  return labels;
}

void attach_tallies(Router& router, const Block& block, const std::string& server, TallyBook& tallies) {
  if (!block.chain) {
    return;
  }
  for (const plugin::Sources* sources : {&block.chain->before_rewrite, &block.chain->before_mesh,
                                         &block.chain->after_mesh, &block.chain->last}) {
    for (const auto& source : *sources) {
      if (const auto counted = source->tallies(); !counted.empty()) {
        router.count_in(*source, tallies.of(server, counted));
      }
    }
  }
}

}  // namespace

std::string server_label(const SocketAddress& listening) {
  return listening.ip.is_unspecified() ? fmt::format("dns://:{}", listening.port)
                                       : "dns://" + listening.to_string();
}

std::string zone_label(const DomainName& zone) {
  return zone.is_root() ? "." : zone.to_string() + ".";
}

void attach_meters(Snapshot& snapshot, const ServerOptions& options, const Listening& listening,
                   Meters& meters, TallyBook& tallies) {
  for (auto& [address, router] : snapshot.routers) {
    const auto actual = listening.find(address);
    if (actual == listening.end()) {
      continue;
    }
    const std::string server = server_label(actual->second);
    for (Router::Route& route : router.routes()) {
      if (options.blocks[route.block].prometheus) {
        route.meter = &meters.of(server, zone_label(route.zone));
        attach_tallies(router, snapshot.blocks[route.block], server, tallies);
        router.no_route().meter = &meters.of(server, "dropped");
        snapshot.is_metered = true;
      }
    }
  }
}

void label_blocks(std::vector<BlockStatus>& status, const ServerOptions& options, const Listening& listening,
                  const Chains& chains) {
  for (std::size_t b = 0; b < status.size(); ++b) {
    const BlockOptions& block = options.blocks[b];
    status[b].servers = server_labels(block, listening);
    for (const DomainName& zone : block.zones) {
      status[b].zones.push_back(zone_label(zone));
    }
    status[b].plugins = block.directives;
    status[b].hosts = chains[b] ? chains[b]->hosts : std::nullopt;
  }
}

std::vector<CacheStatus> cache_status(const BlockCaches& caches, const std::vector<BlockStatus>& blocks) {
  std::vector<CacheStatus> status;
  for (std::size_t b = 0; b < caches.size(); ++b) {
    if (caches[b]) {
      CacheStatus& cache = status.emplace_back(caches[b]->status());
      if (!blocks[b].servers.empty()) {
        cache.server = blocks[b].servers.front();
      }
      for (const std::string& zone : blocks[b].zones) {
        cache.zones += (cache.zones.empty() ? "" : ",") + zone;
      }
    }
  }
  return status;
}

}  // namespace meshdns::server
