// ForwardPlan: which upstreams are asked for which names; an immutable value built from ForwardOptions and
// the resolv.conf files that they name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

namespace meshdns::forward {

struct Pool {
  ForwardPolicy policy = ForwardPolicy::Sequential;
  std::vector<SocketAddress> upstreams;  // without our own listen addresses; may be empty
};

// One per `forward` directive, all blocks together; ServerOptions::blocks[b].forward[f] is pool pool_of(b,
// f).
struct ForwardPlan {
  std::vector<Pool> pools;
  std::vector<std::size_t> first_pool_of_block;
  std::vector<std::string> warnings;  // entries that were skipped, and why

  std::size_t pool_of(std::size_t block, std::size_t forward) const {
    return first_pool_of_block[block] + forward;
  }
};

// Reads the resolv.conf files. An upstream that is one of `listening` (a wildcard stands for every address of
// this host) is skipped with a warning, so that no query loops. Errors: FileUnreadable, InvalidConfig (a file
// without any nameserver line).
Result<ForwardPlan> make_forward_plan(const ServerOptions& options, std::span<const SocketAddress> listening);

}  // namespace meshdns::forward
