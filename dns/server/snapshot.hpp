// Snapshot: one generation of what is served; immutable, shared by all workers, replaced as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include <meshdns/options.hpp>

#include "dns/answer/answer_table.hpp"
#include "dns/forward/forward_plan.hpp"
#include "dns/plugin/chain.hpp"
#include "dns/server/block_cache.hpp"
#include "dns/server/error_log.hpp"
#include "dns/server/query_log.hpp"

namespace meshdns::server {

class Meter;
class SourceTallies;

// Which block takes a query that arrives at one address: the longest zone that the qname lies in.
class Router {
 public:
  static constexpr std::size_t kNoBlock = SIZE_MAX;

  struct Route {
    DomainName zone;
    std::size_t block = kNoBlock;
    Meter* meter = nullptr;  // where its queries are counted; null: nowhere
  };

  void add(const DomainName& zone, std::size_t block);
  // For what no block takes, that with kNoBlock.
  const Route& route_of(std::span<const std::uint8_t> folded_qname) const noexcept;
  std::size_t block_of(std::span<const std::uint8_t> folded_qname) const noexcept {
    return route_of(folded_qname).block;
  }

  std::vector<Route>& routes() { return routes_; }
  Route& no_route() { return no_route_; }

  // Where a source counts; null: nowhere.
  void count_in(const plugin::Source& source, SourceTallies& tallies) { tallies_[&source] = &tallies; }
  SourceTallies* tallies_of(const plugin::Source& source) const noexcept {
    const auto found = tallies_.find(&source);
    return found == tallies_.end() ? nullptr : found->second;
  }

 private:
  std::vector<Route> routes_;  // longest zone first
  Route no_route_;
  std::map<const plugin::Source*, SourceTallies*> tallies_;
};

struct ServedTable {
  std::shared_ptr<const answer::AnswerTable> table;  // null: the block has no mesh zone
  std::shared_ptr<const MeshZone> zone;              // what it was made of; null where nobody asks for that
  bool is_partial = false;                           // a document is still to come, and with it more names
};

struct Block {
  struct Forward {
    DomainName from;
    std::vector<DomainName> except;
    std::size_t pool = 0;
  };

  static constexpr std::size_t kNoPool = SIZE_MAX;

  std::shared_ptr<const answer::AnswerTable> mesh;  // null: the block has no mesh zone
  std::shared_ptr<const MeshZone> zone;             // as in ServedTable
  bool is_mesh_partial = false;                     // as in ServedTable
  std::shared_ptr<const plugin::Chain> chain;       // null: the block has no further steps
  std::shared_ptr<const BlockCache> cache;          // null: the block has no cache
  plugin::Sources special_names;                    // answer what must not be forwarded
  std::vector<Forward> forwards;
  std::size_t uncovered_pool = kNoPool;               // an alternate's, for names that no forward covers
  std::shared_ptr<ErrorLog> errors;                   // null: errors are not logged
  std::vector<std::shared_ptr<const QueryLog>> logs;  // empty: no query log

  // That of the first `forward` whose FROM matches and whose `except` does not.
  std::size_t pool_of(std::span<const std::uint8_t> folded_qname) const noexcept;
  // The first log that covers the name; null: none.
  std::shared_ptr<const QueryLog> log_of(std::span<const std::uint8_t> folded_qname) const noexcept;
};

struct Snapshot {
  std::vector<Block> blocks;
  std::map<SocketAddress, Router> routers;  // by listen address as it was configured
  std::shared_ptr<const forward::ForwardPlan> plan;
  bool is_metered = false;  // some route has a meter
};

using AnswerTables = std::vector<ServedTable>;                     // per block
using Chains = std::vector<std::shared_ptr<const plugin::Chain>>;  // per block

// The first that cannot be made is the error.
Result<Chains> make_chains(const ServerOptions& options);

std::shared_ptr<Snapshot> make_snapshot(const ServerOptions& options, const AnswerTables& tables,
                                        const Chains& chains,
                                        std::shared_ptr<const forward::ForwardPlan> plan,
                                        const BlockCaches& caches = {});

}  // namespace meshdns::server
