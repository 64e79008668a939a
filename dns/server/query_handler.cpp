#include "dns/server/query_handler.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/plugin/special_names.hpp"
#include "dns/server/observed_origin.hpp"
#include "dns/server/source_tallies.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::server {

namespace {

class ParkedOrigin final : public Origin {
 public:
  explicit ParkedOrigin(ParkedQuery& parked) : parked_(parked) {
    is_tcp = parked.is_tcp;
    is_v6 = parked.is_v6;
    is_whole = parked.is_whole;
    udp_ceiling = parked.udp_ceiling;
    received = parked.received;
    progress = parked.progress;
    depth = parked.depth;
  }

  Deliver deliver_later() const override { return std::exchange(parked_.deliver, nullptr); }
  SocketAddress client() const override { return parked_.client; }
  SocketAddress local() const override { return parked_.local; }

 private:
  ParkedQuery& parked_;
};

// A name that exists has no records of this type, whatever others say of the name.
void deny_absence(std::span<std::uint8_t> response) {
  const std::uint16_t flags = wire::load16(&response[2]);
  if ((flags & wire::flag::RcodeMask) == wire::rcode::NXDomain) {
    wire::store16(&response[2], static_cast<std::uint16_t>(flags & ~wire::flag::RcodeMask));
  }
}

}  // namespace

QueryHandler::QueryHandler(boost::asio::io_context& loop, unsigned worker, forward::Forwarder& forwarder,
                           base::Counters& counters, LogSink& log)
    : counters_(counters),
      log_(log),
      internal_errors_(counters, log),
      meter_(worker),
      chains_(*this, loop),
      desk_(loop, worker, forwarder, counters, internal_errors_, answered_),
      updates_(forwarder, counters),
      parked_(loop, [this](ParkedQuery parked) { give_up(std::move(parked)); }) {}

std::size_t QueryHandler::handle(std::span<const std::uint8_t> packet, const Router& router,
                                 const Origin& origin, std::span<std::uint8_t> out) try {
  wire::QueryView query;
  switch (wire::parse_query(packet, query)) {
    case wire::QueryVerdict::Ok:
      break;
    case wire::QueryVerdict::Drop:
      counters_.dropped_malformed.add();
      return 0;
    case wire::QueryVerdict::FormErr:
      counters_.format_errors.add();
      return wire::write_error(query, wire::rcode::FormErr, out, !query.has_question());
    case wire::QueryVerdict::NotImp:
      return updates_.answer(query, router, *snapshot_, origin, out);
    case wire::QueryVerdict::BadVers:
      return wire::write_error(query, wire::rcode::BadVers, out);
  }

  const Router::Route& route = router.route_of(query.folded_qname());
  const bool is_observed = route.meter != nullptr ||
                           (route.block != Router::kNoBlock && !snapshot_->blocks[route.block].logs.empty());
  if (is_observed && origin.progress == Progress::Arrived) {
    return answer_observed(query, route, router, origin, out);
  }
  return answer(query, route, router, origin, out);
} catch (...) {
  internal_errors_.report();
  return fail_internally(packet, out);
}

std::size_t QueryHandler::fail_internally(std::span<const std::uint8_t> packet, std::span<std::uint8_t> out) {
  wire::QueryView query;
  wire::parse_query(packet, query);
  counters_.servfail.add();
  answered_ = {};
  return wire::write_error(query, wire::rcode::ServFail, out, !query.has_question());
}

std::size_t QueryHandler::answer_observed(const wire::QueryView& query, const Router::Route& route,
                                          const Router& router, const Origin& origin,
                                          std::span<std::uint8_t> out) {
  auto log =
      route.block == Router::kNoBlock ? nullptr : snapshot_->blocks[route.block].log_of(query.folded_qname());
  const ObservedOrigin observed(*this, origin, query, route.meter, std::move(log));
  const std::size_t size = answer(query, route, router, observed, out);
  if (size != 0) {
    observed.see(out.first(size));
  }
  return size;
}

std::size_t QueryHandler::answer(const wire::QueryView& query, const Router::Route& route,
                                 const Router& router, const Origin& origin, std::span<std::uint8_t> out) {
  if (route.block == Router::kNoBlock) {
    return refuse(query, out);
  }
  const Block& block = snapshot_->blocks[route.block];
  if (block.chain && origin.progress != Progress::Wrapped) [[unlikely]] {
    if (block.chain->wraps()) {
      return chains_.run(query, block, router, origin, out);
    }
    if (const auto size = chains_.ask(block.chain->before_rewrite, query, block, router, origin, out)) {
      return *size;
    }
  }
  return resolve(query, block, router, origin, out);
}

std::size_t QueryHandler::resolve(const wire::QueryView& query, const Block& block, const Router& router,
                                  const Origin& origin, std::span<std::uint8_t> out) {
  if (block.chain && !block.chain->before_mesh.empty()) [[unlikely]] {
    if (const auto size = chains_.ask(block.chain->before_mesh, query, block, router, origin, out)) {
      return *size;
    }
  }
  wire::ResponseWriter writer(query, out, origin.limit(query.edns));
  const answer::Decision decision = answer::decide(query, block.mesh.get(), rotation_++, writer);
  if (block.is_mesh_partial && is_undecided(query, block, decision)) {
    return park(query, router, origin, out);
  }
  if (decision.verdict == answer::Verdict::Forward) {
    return ask_others(query, block, router, origin, decision.source == answer::Source::MeshOverlay, out);
  }
  const std::size_t size = writer.finish();
  count(decision);
  if (writer.is_truncated()) {
    counters_.truncated.add();
  }
  return size;
}

std::size_t QueryHandler::ask_others(const wire::QueryView& query, const Block& block, const Router& router,
                                     const Origin& origin, bool exists_here, std::span<std::uint8_t> out) {
  if (block.chain) {
    if (const auto size = chains_.ask(block.chain->after_mesh, query, block, router, origin, out)) {
      if (exists_here && *size != 0) {
        deny_absence(out);
      }
      return *size;
    }
  }
  if (!exists_here && plugin::SpecialNames::may_have(query.folded_qname())) {
    if (const auto size = chains_.ask(block.special_names, query, block, router, origin, out)) {
      return *size;
    }
  }
  if (const std::size_t pool = block.pool_of(query.folded_qname()); pool != Block::kNoPool) {
    if (block.chain && block.chain->filter && !origin.sees_all && block.chain->filter->concerns(query)) {
      return chains_.filter(query, block, pool, exists_here, router, origin, out);
    }
    return desk_.answer(query, block, pool, origin, exists_here, out);
  }
  if (block.chain) {
    if (const auto size = chains_.ask(block.chain->last, query, block, router, origin, out)) {
      return *size;
    }
  }
  return refuse(query, out);
}

std::size_t QueryHandler::refuse(const wire::QueryView& query, std::span<std::uint8_t> out) {
  counters_.refused.add();
  answered_ = {};
  return wire::write_error(query, wire::rcode::Refused, out);
}

// True for a negative answer that a document which is not there yet may contradict: about a name at or below
// an owned suffix, or an address. What the zone has of an overlay name is known.
bool QueryHandler::is_undecided(const wire::QueryView& query, const Block& block,
                                const answer::Decision& decision) const {
  if (decision.source != answer::Source::MeshNxDomain && decision.source != answer::Source::MeshNoData) {
    return false;
  }
  const auto match = block.mesh->find(query.folded_qname());
  return match.kind != answer::AnswerTable::Kind::Name || match.suffix_size != 0;
}

std::size_t QueryHandler::park(const wire::QueryView& query, const Router& router, const Origin& origin,
                               std::span<std::uint8_t> out) {
  const auto listen = address_of(router);
  if (!listen || !parked_.has_room_for(query.packet.size())) {
    return fail_unknown(query, &snapshot_->blocks[router.block_of(query.folded_qname())], out);
  }
  parked_.add({.packet = {query.packet.begin(), query.packet.end()},
               .listen = *listen,
               .client = origin.client(),
               .local = origin.local(),
               .is_tcp = origin.is_tcp,
               .is_v6 = origin.is_v6,
               .is_whole = origin.is_whole,
               .udp_ceiling = origin.udp_ceiling,
               .received = origin.received.value_or(Clock::now()),
               .progress = origin.progress,
               .depth = origin.depth,
               .deliver = origin.deliver_later()});
  return 0;
}

void QueryHandler::resume_parked() {
  for (ParkedQuery& parked : parked_.take_all()) {
    const Router* router = router_at(parked.listen);
    if (router == nullptr) {
      give_up(std::move(parked));
      continue;
    }
    const ParkedOrigin origin(parked);
    const std::size_t size = handle(parked.packet, *router, origin, scratch_.span());
    if (parked.deliver) {
      parked.deliver(scratch_.span().first(size));
    }
  }
}

void QueryHandler::give_up(ParkedQuery parked) {
  wire::QueryView query;
  wire::parse_query(parked.packet, query);
  const Block* block = nullptr;
  if (const Router* router = router_at(parked.listen)) {
    const std::size_t index = router->block_of(query.folded_qname());
    block = index == Router::kNoBlock ? nullptr : &snapshot_->blocks[index];
  }
  parked.deliver(scratch_.span().first(fail_unknown(query, block, scratch_.span())));
}

// Neither that the name exists nor that it does not can be said. `block` may be null.
std::size_t QueryHandler::fail_unknown(const wire::QueryView& query, const Block* block,
                                       std::span<std::uint8_t> out) {
  answered_ = {};
  note_failure(query, block != nullptr ? block->errors.get() : nullptr, "the mesh zone is not there yet");
  return wire::write_error(query, wire::rcode::ServFail, out);
}

void QueryHandler::note_failure(const wire::QueryView& query, ErrorLog* errors, std::string_view why) {
  counters_.servfail.add();
  if (errors != nullptr && !why.empty()) {
    errors->report(wire::rcode::ServFail, query.folded_qname(), query.qtype, why);
  }
}

void QueryHandler::count(const plugin::Source& source, const plugin::Verdict& verdict,
                         const Router& router) const {
  SourceTallies* tallies = verdict.tally ? router.tallies_of(source) : nullptr;
  if (tallies != nullptr) {
    tallies->add(meter_.worker(), *verdict.tally);
    if (verdict.failure) {
      tallies->add(meter_.worker(), *verdict.failure);
    }
  }
}

void QueryHandler::count(const answer::Decision& decision) {
  answered_ = {.by = AnsweredBy::Mesh};
  switch (decision.source) {
    case answer::Source::MeshData:
    case answer::Source::SearchAlias:
      counters_.mesh_answers.add();
      break;
    case answer::Source::MeshNoData:
      counters_.mesh_nodata.add();
      break;
    case answer::Source::MeshNxDomain:
    case answer::Source::SearchNxDomain:
      counters_.mesh_nxdomain.add();
      break;
    case answer::Source::Refused:
      counters_.refused.add();
      answered_.by = AnsweredBy::Server;
      break;
    case answer::Source::Chaos:
      answered_.by = AnsweredBy::Chaos;
      break;
    case answer::Source::MeshOverlay:
    case answer::Source::None:
      break;
  }
}

void QueryHandler::set_answered_by(std::string_view directive) {
  const auto found = std::ranges::find(kAnsweredByNames, directive);
  answered_ = {.by = found == kAnsweredByNames.end()
                         ? AnsweredBy::Server
                         : static_cast<AnsweredBy>(found - kAnsweredByNames.begin())};
}

const Block* QueryHandler::mesh_block_of(std::span<const std::uint8_t> folded_qname,
                                         const Router& router) const {
  const std::size_t index = router.block_of(folded_qname);
  const Block* block = index == Router::kNoBlock ? nullptr : &snapshot_->blocks[index];
  const bool knows = block != nullptr && block->mesh &&
                     block->mesh->find(folded_qname).kind != answer::AnswerTable::Kind::NotOurs;
  return knows ? block : nullptr;
}

const Block* QueryHandler::block_with(const plugin::Chain& chain) const {
  const auto& blocks = snapshot_->blocks;
  const auto found =
      std::ranges::find_if(blocks, [&](const Block& block) { return block.chain.get() == &chain; });
  return found == blocks.end() ? nullptr : &*found;
}

const Router* QueryHandler::router_at(const SocketAddress& listen) const {
  const auto found = snapshot_->routers.find(listen);
  return found == snapshot_->routers.end() ? nullptr : &found->second;
}

std::optional<SocketAddress> QueryHandler::address_of(const Router& router) const {
  const auto found =
      std::ranges::find_if(snapshot_->routers, [&](const auto& entry) { return &entry.second == &router; });
  return found == snapshot_->routers.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace meshdns::server
