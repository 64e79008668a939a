#include "dns/forward/forward_plan.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dns/forward/pool_builder.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

bool contains(const std::vector<std::uint16_t>& rcodes, std::uint16_t rcode) {
  return std::ranges::find(rcodes, rcode) != rcodes.end();
}

std::optional<std::size_t> pool_for(const std::vector<AlternateRule>& rules, std::uint16_t rcode) {
  const auto rule = std::ranges::find(rules, rcode, &AlternateRule::rcode);
  return rule == rules.end() ? std::nullopt : std::optional(rule->pool);
}

}  // namespace

bool Pool::covers(std::span<const std::uint8_t> folded_qname) const {
  const DomainName name = DomainName::from_wire(folded_qname);
  return name.is_at_or_below(options.from) &&
         std::ranges::none_of(options.except,
                              [&](const DomainName& zone) { return name.is_at_or_below(zone); });
}

std::optional<std::size_t> ForwardPlan::next_of(std::size_t pool, std::uint16_t rcode, bool is_nodata,
                                                std::span<const std::uint8_t> folded_qname) const {
  const Pool& asked = pools[pool];
  if (!contains(asked.options.next, rcode) && !(is_nodata && asked.options.next_on_nodata)) {
    return std::nullopt;
  }
  for (std::size_t next = pool + 1; next < pools.size() && pools[next].block == asked.block; ++next) {
    if (!pools[next].is_alternate && pools[next].covers(folded_qname)) {
      return next;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> ForwardPlan::alternate_of(std::size_t pool, std::uint16_t rcode) const {
  if (pools[pool].is_alternate) {
    return std::nullopt;
  }
  return pool_for(alternates[pools[pool].block], rcode);
}

std::optional<std::size_t> ForwardPlan::alternate_of_uncovered(std::size_t block) const {
  return block < alternates.size() ? pool_for(alternates[block], wire::rcode::ServFail) : std::nullopt;
}

Result<ForwardPlan> make_forward_plan(const ServerOptions& options, std::span<const SocketAddress> listening,
                                      const ForwardPlan* before) {
  ForwardPlan plan;
  plan.can_loop = !listening.empty();
  PoolBuilder builder(listening, before != nullptr ? before->buckets : Buckets(), plan.warnings);
  for (std::size_t block = 0; block < options.blocks.size(); ++block) {
    plan.first_pool_of_block.push_back(plan.pools.size());
    const auto add = [&](Result<Pool> pool, bool is_alternate) -> Result<void> {
      if (!pool) {
        return std::unexpected(pool.error());
      }
      pool->block = block;
      pool->is_alternate = is_alternate;
      plan.pools.push_back(*std::move(pool));
      return {};
    };
    for (const ForwardOptions& forward : options.blocks[block].forward) {
      const std::string from = fmt::format("'{}'", forward.from.to_string());
      if (auto added = add(builder.build(forward, "forward", from), false); !added) {
        return std::unexpected(added.error());
      }
    }
    auto& rules = plan.alternates.emplace_back();
    for (const AlternateOptions& alternate : options.blocks[block].alternate) {
      for (const std::uint16_t rcode : alternate.rcodes) {
        rules.push_back({rcode, plan.pools.size()});
      }
      ForwardOptions as_forward;
      as_forward.to = alternate.to;
      as_forward.where = alternate.where;
      if (auto added = add(builder.build(std::move(as_forward), "alternate", "the alternate"), true);
          !added) {
        return std::unexpected(added.error());
      }
    }
  }
  plan.buckets = builder.buckets();
  return plan;
}

}  // namespace meshdns::forward
