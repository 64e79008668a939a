// Chain: the steps that a server block takes a query through besides its mesh zone, its cache and its
// upstreams, in CoreDNS's compiled order, whatever their order in the file.
//
// Made once from BlockOptions; afterwards immutable, so that all workers share it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/traffic_status.hpp>

#include "dns/plugin/address_filter.hpp"
#include "dns/plugin/address_synthesis.hpp"
#include "dns/plugin/response_filter.hpp"
#include "dns/plugin/rewriter.hpp"
#include "dns/plugin/source.hpp"
#include "dns/plugin/weight_table.hpp"

namespace meshdns::plugin {

using Sources = std::vector<std::shared_ptr<const Source>>;

struct Chain {
  Sources before_rewrite;
  std::vector<std::unique_ptr<const Rewriter>> rewriters;  // each gets what the one before it made
  std::unique_ptr<const AddressSynthesis> synthesis;
  Sources before_mesh;
  Sources after_mesh;                                   // for what the mesh zone does not answer
  std::optional<AddressFilter> filter;                  // of what upstreams say
  Sources last;                                         // where no `forward` covers the name
  std::optional<std::chrono::milliseconds> time_limit;  // then the client gets SERVFAIL
  std::optional<std::size_t> max_udp;                   // octets, for clients that say they take more
  std::vector<std::unique_ptr<const ResponseFilter>> filters;
  std::optional<HostsStatus> hosts;            // of the source that has it
  std::shared_ptr<const WeightTable> weights;  // of the filter that has it

  // True where something happens to queries or responses on their way: a detour of some allocations.
  bool wraps() const { return !rewriters.empty() || synthesis || time_limit || max_udp || !filters.empty(); }
  bool is_empty() const {
    return !wraps() && !filter && before_rewrite.empty() && before_mesh.empty() && after_mesh.empty() &&
           last.empty();
  }
};

// Files that the chain of a block is made from and that may change.
std::vector<std::string> watched_by_chain(const BlockOptions& block);

// Reads those files. Null: the block has no such step. Errors: InvalidConfig, FileUnreadable.
Result<std::shared_ptr<const Chain>> make_chain(const BlockOptions& block);

// As above when files have changed. One that cannot be used is added to `faults`, and what was made of it
// before, in the chain of the same options that is in force, goes on beside the news of the others.
Result<std::shared_ptr<const Chain>> remake_chain(const BlockOptions& block, const Chain& in_force,
                                                  std::vector<Error>& faults);

}  // namespace meshdns::plugin
