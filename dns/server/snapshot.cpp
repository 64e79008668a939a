#include "dns/server/snapshot.hpp"

#include <algorithm>

#include "dns/plugin/special_names.hpp"
#include "dns/server/zone_match.hpp"

namespace meshdns::server {
void Router::add(const DomainName& zone, std::size_t block) {
  const auto after = std::ranges::find_if(
      routes_, [&](const Route& route) { return route.zone.wire().size() < zone.wire().size(); });
  routes_.insert(after, {.zone = zone, .block = block});
}

const Router::Route& Router::route_of(std::span<const std::uint8_t> folded_qname) const noexcept {
  for (const Route& route : routes_) {
    if (is_at_or_below(folded_qname, route.zone.wire())) {
      return route;
    }
  }
  return no_route_;
}

std::size_t Block::pool_of(std::span<const std::uint8_t> folded_qname) const noexcept {
  for (const Forward& forward : forwards) {
    if (is_at_or_below(folded_qname, forward.from.wire()) && !is_below_any(forward.except, folded_qname)) {
      return forward.pool;
    }
  }
  return uncovered_pool;
}

std::shared_ptr<const QueryLog> Block::log_of(std::span<const std::uint8_t> folded_qname) const noexcept {
  const auto found = std::ranges::find_if(logs, [&](const auto& log) { return log->covers(folded_qname); });
  return found == logs.end() ? nullptr : *found;
}

Result<Chains> make_chains(const ServerOptions& options) {
  Chains chains;
  for (const BlockOptions& block : options.blocks) {
    auto chain = plugin::make_chain(block);
    if (!chain) {
      return std::unexpected(std::move(chain.error()));
    }
    chains.push_back(*std::move(chain));
  }
  return chains;
}

std::shared_ptr<Snapshot> make_snapshot(const ServerOptions& options, const AnswerTables& tables,
                                        const Chains& chains,
                                        std::shared_ptr<const forward::ForwardPlan> plan,
                                        const BlockCaches& caches) {
  auto snapshot = std::make_shared<Snapshot>();
  for (std::size_t b = 0; b < options.blocks.size(); ++b) {
    const BlockOptions& from = options.blocks[b];
    Block& block = snapshot->blocks.emplace_back();
    block.mesh = tables[b].table;
    block.zone = tables[b].zone;
    block.is_mesh_partial = tables[b].is_partial;
    block.chain = chains[b];
    block.cache = caches.empty() ? nullptr : caches[b];
    block.special_names.push_back(
        std::make_unique<plugin::SpecialNames>(plugin::SpecialNames::Scope::NeverForwarded, from));
    for (const LogOptions& log : from.log) {
      block.logs.push_back(std::make_shared<const QueryLog>(log));
    }
    for (std::size_t f = 0; f < from.forward.size(); ++f) {
      block.forwards.push_back({from.forward[f].from, from.forward[f].except, plan->pool_of(b, f)});
    }
    if (!block.chain || block.chain->last.empty()) {  // CoreDNS's order: alternate, forward, whoami
      block.uncovered_pool = plan->alternate_of_uncovered(b).value_or(Block::kNoPool);
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
