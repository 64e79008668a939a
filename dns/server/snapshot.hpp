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

namespace meshdns::server {

// Which block takes a query that arrives at one address: the longest zone that the qname lies in.
class Router {
 public:
  static constexpr std::size_t kNoBlock = SIZE_MAX;

  void add(const DomainName& zone, std::size_t block);
  std::size_t block_of(std::span<const std::uint8_t> folded_qname) const noexcept;

 private:
  struct Route {
    DomainName zone;
    std::size_t block = 0;
  };
  std::vector<Route> routes_;  // longest zone first
};

struct ServedTable {
  std::shared_ptr<const answer::AnswerTable> table;  // null: the block has no mesh zone
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
  bool is_mesh_partial = false;                     // as in ServedTable
  std::shared_ptr<const plugin::Chain> chain;       // null: the block has no further steps
  std::vector<Forward> forwards;
  bool errors = false;
  std::vector<DomainName> log_zones;  // empty: no query log

  // The first `forward` whose FROM matches and whose `except` does not.
  std::size_t pool_of(std::span<const std::uint8_t> folded_qname) const noexcept;
  bool logs(std::span<const std::uint8_t> folded_qname) const noexcept;
};

struct Snapshot {
  std::vector<Block> blocks;
  std::map<SocketAddress, Router> routers;  // by listen address as it was configured
  std::shared_ptr<const forward::ForwardPlan> plan;
};

using AnswerTables = std::vector<ServedTable>;                     // per block
using Chains = std::vector<std::shared_ptr<const plugin::Chain>>;  // per block

std::shared_ptr<const Snapshot> make_snapshot(const ServerOptions& options, const AnswerTables& tables,
                                              const Chains& chains,
                                              std::shared_ptr<const forward::ForwardPlan> plan);

}  // namespace meshdns::server
