#include "dns/server/snapshot.hpp"

#include <algorithm>

namespace meshdns::server {
namespace {

// True if `name` ends with `zone` on a label boundary.
bool is_at_or_below(std::span<const std::uint8_t> name, std::span<const std::uint8_t> zone) noexcept {
  if (zone.size() == 1) {
    return true;
  }
  std::size_t at = 0;
  while (name.size() - at > zone.size()) {
    at += name[at] + 1U;
  }
  return name.size() - at == zone.size() && std::equal(zone.begin(), zone.end(), name.begin() + at);
}

bool any_above(const std::vector<DomainName>& zones, std::span<const std::uint8_t> name) noexcept {
  return std::ranges::any_of(zones,
                             [&](const DomainName& zone) { return is_at_or_below(name, zone.wire()); });
}

}  // namespace

void Router::add(const DomainName& zone, std::size_t block) {
  const auto after = std::ranges::find_if(
      routes_, [&](const Route& route) { return route.zone.wire().size() < zone.wire().size(); });
  routes_.insert(after, {zone, block});
}

std::size_t Router::block_of(std::span<const std::uint8_t> folded_qname) const noexcept {
  for (const Route& route : routes_) {
    if (is_at_or_below(folded_qname, route.zone.wire())) {
      return route.block;
    }
  }
  return kNoBlock;
}

std::size_t Block::pool_of(std::span<const std::uint8_t> folded_qname) const noexcept {
  for (const Forward& forward : forwards) {
    if (is_at_or_below(folded_qname, forward.from.wire()) && !any_above(forward.except, folded_qname)) {
      return forward.pool;
    }
  }
  return kNoPool;
}

bool Block::logs(std::span<const std::uint8_t> folded_qname) const noexcept {
  return any_above(log_zones, folded_qname);
}

std::shared_ptr<const Snapshot> make_snapshot(const ServerOptions& options, const AnswerTables& tables,
                                              const Chains& chains,
                                              std::shared_ptr<const forward::ForwardPlan> plan) {
  auto snapshot = std::make_shared<Snapshot>();
  for (std::size_t b = 0; b < options.blocks.size(); ++b) {
    const BlockOptions& from = options.blocks[b];
    Block& block = snapshot->blocks.emplace_back();
    block.mesh = tables[b].table;
    block.is_mesh_partial = tables[b].is_partial;
    block.chain = chains[b];
    block.errors = from.errors;
    if (from.log) {
      block.log_zones = from.log->zones;
    }
    for (std::size_t f = 0; f < from.forward.size(); ++f) {
      block.forwards.push_back({from.forward[f].from, from.forward[f].except, plan->pool_of(b, f)});
    }
    for (const SocketAddress& address : from.listen) {
      for (const DomainName& zone : from.zones) {
        snapshot->routers[address].add(zone, b);
      }
    }
  }
  snapshot->plan = std::move(plan);
  return snapshot;
}

}  // namespace meshdns::server
