// ForwardPlan: which upstreams are asked for which names, and who is asked when they do not know; an
// immutable value built from the options and the resolv.conf files that they name.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/forward/upstream.hpp"

namespace meshdns::forward {

// One `forward` or `alternate` directive, its upstreams found.
struct Pool {
  ForwardOptions options;                // `to` is `upstreams` here; `policy` what a resolv.conf says, too
  std::vector<Upstream> upstreams;       // without our own listen addresses; may be empty
  std::vector<SocketAddress> ourselves;  // which were asked for all the same
  unsigned max_rounds = 0;               // messages to each upstream per question; 0: any
  std::chrono::seconds patience{0};      // that the last message of a question is waited for; 0: all there is
  std::size_t block = 0;
  bool is_alternate = false;
  // Questions in flight, of all workers; counted when options.max_concurrent is set.
  std::shared_ptr<std::atomic<std::size_t>> in_flight = std::make_shared<std::atomic<std::size_t>>(0);

  // `folded_qname` lies in `from` and in no `except`.
  bool covers(std::span<const std::uint8_t> folded_qname) const;
};

struct AlternateRule {
  std::uint16_t rcode = 0;
  std::size_t pool = 0;
};

// Upstreams with the same limit share a bucket, whichever directives name them.
struct BucketKey {
  SocketAddress upstream;
  unsigned per_second = 0;
  unsigned burst = 0;

  auto operator<=>(const BucketKey&) const = default;
};
using Buckets = std::map<BucketKey, std::shared_ptr<TokenBucket>>;

// ServerOptions::blocks[b].forward[f] is pool pool_of(b, f); its alternates have pools behind those.
struct ForwardPlan {
  std::vector<Pool> pools;
  std::vector<std::size_t> first_pool_of_block;
  std::vector<std::vector<AlternateRule>> alternates;  // by block
  Buckets buckets;                                     // of upstreams with a max_rate
  bool can_loop = false;                               // somebody could ask us
  std::vector<std::string> warnings;                   // entries that were skipped, and why

  std::size_t pool_of(std::size_t block, std::size_t forward) const {
    return first_pool_of_block[block] + forward;
  }

  // False: next_of() finds nobody, whatever `pool` brought.
  bool may_have_next(std::size_t pool) const {
    return !pools[pool].options.next.empty() || pools[pool].options.next_on_nodata;
  }

  // Whom to ask after `pool` brought `rcode`.
  std::optional<std::size_t> next_of(std::size_t pool, std::uint16_t rcode, bool is_nodata,
                                     std::span<const std::uint8_t> folded_qname) const;
  std::optional<std::size_t> alternate_of(std::size_t pool, std::uint16_t rcode) const;

  // Whom to ask for a name that no `forward` of the block covers: to an alternate that is SERVFAIL.
  std::optional<std::size_t> alternate_of_uncovered(std::size_t block) const;
};

// Reads the resolv.conf files and looks up the hosts. An upstream that is one of `listening` (a wildcard
// stands for every address of this host) is skipped with a warning, so that no query loops. Errors:
// FileUnreadable, InvalidConfig (a file without any nameserver line, a host without address). May take as
// long as a file or a resolver takes: not for a worker's thread. `before` is the plan that this one replaces:
// what upstreams were sent under it counts for their max_rate.
Result<ForwardPlan> make_forward_plan(const ServerOptions& options, std::span<const SocketAddress> listening,
                                      const ForwardPlan* before = nullptr);

}  // namespace meshdns::forward
