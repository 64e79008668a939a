#include "dns/server/explain.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "dns/answer/decide.hpp"
#include "dns/answer/search.hpp"
#include "dns/inspect/zone_words.hpp"
#include "dns/server/explain_local.hpp"
#include "dns/server/sample_query.hpp"
#include "dns/wire/presentation.hpp"
#include "dns/wire/reverse_name.hpp"

namespace meshdns::server {
namespace {

using answer::AnswerTable;
using inspect::Explanation;

std::string suffix_text(const wire::QueryView& query, std::size_t suffix_size) {
  return wire::name_text(query.folded_qname().last(suffix_size));
}

// From one configuration, one question on its way through it.
class Explainer {
 public:
  Explainer(const Snapshot& snapshot, const ServerOptions& options, Explanation& out)
      : snapshot_(snapshot), options_(options), out_(out) {}

  // From this rewriter of the block on.
  void explain_rewritten(std::size_t block, std::size_t step, const wire::QueryView& query);

 private:
  void explain_block(std::size_t block, const wire::QueryView& query);
  void explain_mesh(const Block& served, const wire::QueryView& query, const answer::Decision& decision,
                    const wire::ResponseWriter& writer, unsigned count);
  void explain_mesh_name(const wire::QueryView& query, const MeshZone& zone, const AnswerTable::Match& match);
  void explain_searched(const wire::QueryView& query, const MeshZone& zone, const answer::Searched& searched);
  void explain_reverse_name(const IpAddress& address, const MeshZone& zone, const AnswerTable& table);
  bool explain_local(const Block& served, const wire::QueryView& query, bool is_overlay);
  void explain_forwarded(std::size_t block, const wire::QueryView& query);
  std::size_t block_after_rewrite(std::size_t block, const wire::QueryView& query) const;

  const Snapshot& snapshot_;
  const ServerOptions& options_;
  Explanation& out_;
};

void Explainer::explain_mesh_name(const wire::QueryView& query, const MeshZone& zone,
                                  const AnswerTable::Match& match) {
  if (match.node->record == AnswerTable::kNone) {
    out_.because = fmt::format("the mesh owns {}, and other names lie below this one",
                               suffix_text(query, match.suffix_size));
    return;
  }
  out_.records.push_back({&zone, &zone.records[match.node->record]});
  if (match.by_wildcard) {
    out_.because = "the wildcard covers the name, and nothing closer to it exists (RFC 4592)";
  } else if (match.suffix_size != 0) {
    out_.because = fmt::format("the name is in the mesh zone, below {}, which the mesh owns",
                               suffix_text(query, match.suffix_size));
  } else {
    out_.because = "the name is in the mesh zone, although it lies below no suffix that the mesh owns";
  }
}

void Explainer::explain_searched(const wire::QueryView& query, const MeshZone& zone,
                                 const answer::Searched& searched) {
  out_.records.push_back({&zone, &zone.records[searched.match.node->record]});
  const DomainName name = DomainName::from_wire(searched.name_octets());
  out_.because =
      fmt::format("it is {}. with {} of the search list behind it, which `search` answers here",
                  name.to_string(), suffix_text(query, query.folded_qname().size() - searched.front_size));
}

// Nobody but the mesh knows its addresses, those that no name has yet included.
void Explainer::explain_reverse_name(const IpAddress& address, const MeshZone& zone,
                                     const AnswerTable& table) {
  const auto names = table.reverse(address);
  for (const auto& reverse : names) {
    if (const auto record = table.node(reverse.node).record; record != AnswerTable::kNone) {
      out_.records.push_back({&zone, &zone.records[record]});
    }
  }
  if (!names.empty()) {
    out_.because = fmt::format("{} is an address of the mesh", address.to_string());
  } else if (const IpRange* range = table.vip_range(address)) {
    out_.because =
        fmt::format("{} is for virtual IPs, and no name has {}", range->to_string(), address.to_string());
  }
}

void Explainer::explain_mesh(const Block& served, const wire::QueryView& query,
                             const answer::Decision& decision, const wire::ResponseWriter& writer,
                             unsigned count) {
  if (decision.source == answer::Source::Refused || !served.zone || !served.mesh) {
    out_.answer = wire::rcode_text(writer.rcode());
    out_.because = "queries of this type are refused for mesh names";
    return;
  }
  out_.directive = "mesh";
  out_.answer = fmt::format("{}, {} record{}, from the mesh zone", wire::rcode_text(writer.rcode()), count,
                            count == 1 ? "" : "s");
  const auto match = served.mesh->find(query.folded_qname());
  if (const auto searched = answer::find_searched(*served.mesh, query.folded_qname());
      searched && match.kind == AnswerTable::Kind::NotOurs) {
    explain_searched(query, *served.zone, *searched);
    return;
  }
  const auto address = wire::address_of_reverse_name(query.folded_qname());
  if (match.kind == AnswerTable::Kind::Name) {
    explain_mesh_name(query, *served.zone, match);
  } else if (address &&
             (match.kind == AnswerTable::Kind::NotOurs || !served.mesh->reverse(*address).empty())) {
    explain_reverse_name(*address, *served.zone, *served.mesh);
  } else if (std::ranges::equal(served.mesh->name(*match.node), query.folded_qname())) {
    out_.because =
        fmt::format("the mesh owns {}, and this name has no records itself, only names below it (`ent`)",
                    suffix_text(query, match.suffix_size));
  } else {
    out_.because = fmt::format("the mesh owns {}, and no file has this name; nobody else is asked",
                               suffix_text(query, match.suffix_size));
  }
}

std::string_view policy_text(ForwardPolicy policy) {
  switch (policy) {
    case ForwardPolicy::Sequential:
      return "in this order";
    case ForwardPolicy::RoundRobin:
      return "in turn";
    case ForwardPolicy::Random:
      return "in random order";
  }
  return "";
}

void Explainer::explain_forwarded(std::size_t block, const wire::QueryView& query) {
  const Block& served = snapshot_.blocks[block];
  const auto pool = served.pool_of(query.folded_qname());
  std::string_view not_ours;
  if (served.mesh && served.mesh->find(query.folded_qname()).kind == AnswerTable::Kind::Name) {
    not_ours = "the mesh zone has only addresses of this name, which is an overlay, and ";
  } else if (served.mesh) {
    not_ours = "the mesh zone does not have the name, and ";
  }
  if (pool == Block::kNoPool) {
    out_.answer = "REFUSED";
    out_.because = fmt::format("{}no `forward` of the block covers the name", not_ours);
    return;
  }
  const forward::Pool& asked = snapshot_.plan->pools[pool];
  std::string text;
  for (const forward::Upstream& upstream : asked.upstreams) {
    out_.upstreams.push_back(upstream.address);
    text += (text.empty() ? "" : ", ") + upstream.address.to_string();
  }
  out_.directive = asked.is_alternate ? "alternate" : "forward";
  out_.forward = asked.options.where;
  out_.asked = DomainName::from_wire(query.folded_qname());
  out_.asked_type = query.qtype;
  if (served.chain && served.chain->filter && served.chain->filter->concerns(query)) {
    out_.but.push_back(fmt::format(
        "`{}` hides its addresses from clients{}", served.chain->filter->text(),
        served.chain->filter->spares_the_only_ones()
            ? fmt::format(", if it has {} records, too", wire::type_text(served.chain->filter->other_type()))
            : ""));
  }
  if (out_.upstreams.empty()) {
    out_.answer = "SERVFAIL: no upstream is left to ask";
  } else {
    const std::string_view order = policy_text(asked.options.policy.value_or(ForwardPolicy::Sequential));
    out_.answer =
        fmt::format("from {}{}", text, out_.upstreams.size() > 1 ? fmt::format(", asked {}", order) : "");
  }
  out_.because =
      asked.is_alternate
          ? fmt::format("{}no `forward` of the block covers the name, which is SERVFAIL to its `alternate`",
                        not_ours)
          : fmt::format("{}`forward {}` is the first that covers the name", not_ours,
                        wire::name_text(asked.options.from.wire()));
}

// Directives that answer what the mesh zone does not. False: none has anything to say.
bool Explainer::explain_local(const Block& served, const wire::QueryView& query, bool is_overlay) {
  if ((served.chain && explain_sources(served.chain->after_mesh, query, out_)) ||
      (!is_overlay && explain_sources(served.special_names, query, out_))) {
    out_.because = served.mesh
                       ? "the mesh zone has nothing for it, and this directive comes before any `forward`"
                       : "this directive comes before any `forward`";
    return true;
  }
  const bool is_last = served.pool_of(query.folded_qname()) == Block::kNoPool && served.chain;
  if (is_last && explain_sources(served.chain->last, query, out_)) {
    out_.because = "nothing else in the block covers the name";
    return true;
  }
  return false;
}

void Explainer::explain_block(std::size_t block, const wire::QueryView& query) {
  const Block& served = snapshot_.blocks[block];
  if (served.chain && explain_sources(served.chain->before_rewrite, query, out_)) {
    out_.because = "this directive comes before everything else in the block";
    return;
  }
  std::array<std::uint8_t, wire::kMaxMessageSize> buffer;
  wire::ResponseWriter writer(query, buffer, buffer.size());
  const answer::Decision decision = answer::decide(query, served.mesh.get(), 0, writer);
  if (decision.verdict == answer::Verdict::Forward) {
    if (!explain_local(served, query, decision.source == answer::Source::MeshOverlay)) {
      explain_forwarded(block, query);
    }
    return;
  }
  writer.finish();
  explain_mesh(served, query, decision, writer, wire::load16(&buffer[6]));
}

// The block that takes a name which was rewritten in `block`: one whose mesh has it, or the same.
std::size_t Explainer::block_after_rewrite(std::size_t block, const wire::QueryView& query) const {
  for (const SocketAddress& address : options_.blocks[block].listen) {
    const std::size_t owner = snapshot_.routers.at(address).block_of(query.folded_qname());
    if (owner != Router::kNoBlock && snapshot_.blocks[owner].mesh &&
        snapshot_.blocks[owner].mesh->find(query.folded_qname()).kind != AnswerTable::Kind::NotOurs) {
      return owner;
    }
  }
  return block;
}

void Explainer::explain_rewritten(std::size_t block, std::size_t step, const wire::QueryView& query) {
  const auto& chain = snapshot_.blocks[block].chain;
  if (!chain || step >= chain->rewriters.size()) {
    explain_block(block, query);
    return;
  }
  const auto rewritten = chain->rewriters[step]->rewrite(query);
  if (!rewritten) {
    explain_rewritten(block, step + 1, query);
    return;
  }
  wire::QueryView other;
  if (wire::parse_query(rewritten->query(), other) != wire::QueryVerdict::Ok) {
    out_.answer = "SERVFAIL";
    out_.because = "`rewrite` makes something of the name that is none";
    return;
  }
  const std::size_t owner = block_after_rewrite(block, other);
  inspect::ExplainedRewrite& rewrite = out_.rewrites.emplace_back();
  if (!std::ranges::equal(other.question(), query.question())) {
    rewrite.question = fmt::format("{} {}", wire::name_text(other.qname()), wire::type_text(other.qtype));
  }
  if (owner != block) {
    rewrite.block = options_.blocks[owner].where;
    out_.last_block = owner;
    explain_block(owner, other);
    return;
  }
  explain_rewritten(block, step + 1, other);
}

void add_conflicts(const MeshZone& zone, const DomainName& name, Explanation& out) {
  for (const ZoneConflict& conflict : zone.conflicts) {
    if (DomainName::parse(conflict.name) == name) {
      out.conflicts.push_back(fmt::format("{}: {} has it, {} does not", inspect::printable(conflict.why),
                                          inspect::claim_text(zone, conflict.kept),
                                          inspect::claim_text(zone, conflict.dropped)));
    }
  }
}

// A name that is missing may be one of those.
void add_left_out(const MeshZone& zone, const DomainName& name, Explanation& out) {
  if (std::ranges::none_of(zone.vips, [](const VipUsage& usage) { return usage.left_out != 0; }) ||
      std::ranges::find(zone.records, name, &ZoneRecord::name) != zone.records.end()) {
    return;
  }
  for (const VipUsage& usage : zone.vips) {
    if (usage.left_out != 0) {
      out.but.push_back(fmt::format("{} name{} got no address, because {} is full", usage.left_out,
                                    usage.left_out == 1 ? "" : "s", inspect::range_text(usage)));
    }
  }
}

}  // namespace

std::vector<Explanation> explain(const Snapshot& snapshot, const ServerOptions& options,
                                 const DomainName& name, std::uint16_t type) {
  const SampleQuery query(name, type);
  if (!query.is_valid()) {
    return {};
  }
  std::map<std::size_t, Explanation> by_block;
  for (const auto& [address, router] : snapshot.routers) {
    by_block[router.block_of(query.view().folded_qname())].asked_at.push_back(address);
  }
  std::vector<Explanation> explanations;
  for (auto& [block, explanation] : by_block) {
    explanation.block = explanation.last_block = block;
    if (block == Router::kNoBlock) {
      explanation.is_taken = false;
      explanation.answer = "REFUSED";
      explanation.because = "no server block there has a zone that the name lies in";
    } else {
      explanation.written = options.blocks[block].where;
      Explainer(snapshot, options, explanation).explain_rewritten(block, 0, query.view());
      if (const auto& chain = snapshot.blocks[explanation.last_block].chain;
          chain && !chain->before_mesh.empty()) {
        explanation.but.emplace_back("`acl` may have other answers for some clients");
      }
      if (const MeshZone* zone = snapshot.blocks[block].zone.get()) {
        add_conflicts(*zone, name, explanation);
        add_left_out(*zone, name, explanation);
      }
    }
    explanations.push_back(std::move(explanation));
  }
  return explanations;
}

}  // namespace meshdns::server
