#include "dns/server/update_desk.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/wire/response_writer.hpp"
#include "dns/wire/update_view.hpp"

namespace meshdns::server {
namespace {

using Kind = plugin::Verdict::Kind;

bool has_relay(const forward::ForwardPlan& plan) {
  return std::ranges::any_of(plan.pools,
                             [](const forward::Pool& pool) { return pool.options.relay_updates; });
}

bool is_of_mesh(const Block& block, std::span<const std::uint8_t> folded) {
  if (!block.mesh) {
    return false;
  }
  const auto match = block.mesh->find(folded);
  return match.suffix_size != 0 || (match.kind == answer::AnswerTable::Kind::Name && match.node->is_strict);
}

// The zone, or what is changed in it; names that cannot be read might be.
bool touches_mesh(const Block& block, const wire::QueryView& update) {
  if (is_of_mesh(block, update.folded_qname())) {
    return true;
  }
  wire::UpdateOwners owners(update);
  for (auto owner = owners.next(); !owner.empty(); owner = owners.next()) {
    if (is_of_mesh(block, owner)) {
      return true;
    }
  }
  return owners.is_broken();
}

// What the first of these sources that concerns itself with the zone does; Pass: none.
Kind verdict_of(const plugin::Sources& sources, const wire::QueryView& update, const Origin& origin) {
  for (const auto& source : sources) {
    std::array<std::uint8_t, wire::kMaxUdpQuery> ignored;
    wire::ResponseWriter writer(update, ignored, ignored.size());
    const auto verdict = source->answer(update, {origin.client(), origin.is_tcp}, writer);
    if (verdict.kind != Kind::Pass) {
      return verdict.kind;
    }
  }
  return Kind::Pass;
}

// As above, of everything in front of the `forward`.
Kind verdict_of(const Block& block, const wire::QueryView& update, const Origin& origin) {
  std::vector<const plugin::Sources*> before{&block.special_names};
  if (block.chain) {
    before = {&block.chain->before_rewrite, &block.chain->before_mesh, &block.chain->after_mesh,
              &block.special_names};
  }
  for (const plugin::Sources* sources : before) {
    if (const Kind kind = verdict_of(*sources, update, origin); kind != Kind::Pass) {
      return kind;
    }
  }
  return Kind::Pass;
}

}  // namespace

std::size_t UpdateDesk::answer(wire::QueryView& message, const Router& router, const Snapshot& snapshot,
                               const Origin& origin, std::span<std::uint8_t> out) {
  const auto fail = [&](base::Counter& counter, std::uint16_t rcode) {
    counter.add();
    return wire::write_error(message, rcode, out, true);
  };
  if (message.opcode() != wire::opcode::Update || !has_relay(*snapshot.plan)) {
    return fail(counters_.not_implemented, wire::rcode::NotImp);
  }
  if (!wire::parse_update(message)) {
    return fail(counters_.format_errors, wire::rcode::FormErr);
  }
  const auto zone = message.folded_qname();
  const std::size_t index = router.block_of(zone);
  const Block* block = index == Router::kNoBlock ? nullptr : &snapshot.blocks[index];
  const std::size_t pool = block == nullptr ? Block::kNoPool : block->pool_of(zone);
  if (pool == Block::kNoPool || !snapshot.plan->pools[pool].options.relay_updates) {
    return fail(counters_.not_implemented, wire::rcode::NotImp);
  }
  const Kind verdict = verdict_of(*block, message, origin);
  if (verdict == Kind::Drop) {
    return 0;
  }
  if (verdict != Kind::Pass || touches_mesh(*block, message)) {
    return fail(counters_.refused, wire::rcode::Refused);
  }
  if (forwarder_.is_relaying(message.packet)) {
    // The client's next try, which the answer to the first one serves too, or ours that an upstream led back.
    return origin.is_tcp ? fail(counters_.servfail, wire::rcode::ServFail) : 0;
  }
  return relay(message, *block, pool, origin);
}

std::size_t UpdateDesk::relay(const wire::QueryView& update, const Block& block, std::size_t pool,
                              const Origin& origin) {
  counters_.updates_relayed.add();
  const auto zone = update.folded_qname();
  forwarder_.relay(
      pool, update.packet, origin.is_tcp,
      [this, id = update.id, flags = update.flags, zone = std::vector(zone.begin(), zone.end()),
       errors = block.errors, deliver = origin.deliver_later()](std::span<const std::uint8_t> reply,
                                                                std::string_view error) mutable {
        if (!reply.empty()) {
          deliver(reply);
          return;
        }
        counters_.servfail.add();
        if (errors) {
          errors->report(wire::rcode::ServFail, zone, wire::type::SOA, error);
        }
        wire::QueryView asked;
        asked.id = id;
        asked.flags = flags;
        std::array<std::uint8_t, wire::kHeaderSize> response;
        deliver(std::span(response).first(wire::write_error(asked, wire::rcode::ServFail, response, true)));
      });
  return 0;
}

}  // namespace meshdns::server
