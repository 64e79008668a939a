#include "dns/app/explain.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "dns/answer/decide.hpp"
#include "dns/app/dry_run.hpp"
#include "dns/app/explain_sources.hpp"
#include "dns/app/start_lines.hpp"
#include "dns/app/zone_rows.hpp"
#include "dns/app/zone_table.hpp"
#include "dns/app/zone_vips.hpp"
#include "dns/wire/presentation.hpp"
#include "dns/wire/reverse_name.hpp"

namespace meshdns::app {
namespace {

using answer::AnswerTable;

// A query as it would arrive.
class SampleQuery {
 public:
  SampleQuery(const DomainName& name, std::uint16_t type) : packet_(wire::kHeaderSize) {
    wire::store16(&packet_[2], wire::flag::RD);
    wire::store16(&packet_[4], 1);
    packet_.insert(packet_.end(), name.wire().begin(), name.wire().end());
    packet_.resize(packet_.size() + 4);
    wire::store16(&packet_[packet_.size() - 4], type);
    wire::store16(&packet_[packet_.size() - 2], wire::klass::IN);
    valid_ = wire::parse_query(packet_, view_) == wire::QueryVerdict::Ok;
  }

  bool is_valid() const { return valid_; }
  const wire::QueryView& view() const { return view_; }

 private:
  std::vector<std::uint8_t> packet_;
  wire::QueryView view_;
  bool valid_ = false;
};

void print_record(const MeshZone& zone, const ZoneRecord& record) {
  std::string text = zone_text(record.name);
  for (const IpAddress& address : record.addresses) {
    text += " " + address.to_string();
  }
  print_row("record", fmt::format("{}, ttl {}", text, record.ttl_seconds));
  print_row("written", location_text(zone, record.where));
  if (record.resource != 0 || record.rule != 0) {
    print_row("made by", origin_text(zone, record.resource, record.rule));
  }
  print_row("mode", is_strict(zone, record) ? "strict: every type is answered here"
                                            : "overlay: types that the mesh does not have are forwarded");
}

void print_conflicts(const MeshZone& zone, const DomainName& name) {
  for (const ZoneConflict& conflict : zone.conflicts) {
    if (DomainName::parse(conflict.name) == name) {
      print_row("conflict", fmt::format("{}: {} has it, {} does not", printable(conflict.why),
                                        claim_text(zone, conflict.kept), claim_text(zone, conflict.dropped)));
    }
  }
}

// A name that is missing may be one of those.
void print_left_out(const MeshZone& zone, const DomainName& name) {
  if (std::ranges::find(zone.records, name, &ZoneRecord::name) != zone.records.end()) {
    return;
  }
  for (const VipUsage& usage : zone.vips) {
    if (usage.left_out != 0) {
      print_row("but", fmt::format("{} name{} got no address, because {} is full", usage.left_out,
                                   usage.left_out == 1 ? "" : "s", range_text(usage)));
    }
  }
}

std::string suffix_text(const wire::QueryView& query, std::size_t suffix_size) {
  return wire::name_text(query.folded_qname().last(suffix_size));
}

void explain_mesh_name(const wire::QueryView& query, const MeshZone& zone, const AnswerTable::Match& match) {
  if (match.node->record == AnswerTable::kNone) {
    print_row("because", fmt::format("the mesh owns {}, and other names lie below this one",
                                     suffix_text(query, match.suffix_size)));
    return;
  }
  print_record(zone, zone.records[match.node->record]);
  if (match.by_wildcard) {
    print_row("because", "the wildcard covers the name, and nothing closer to it exists (RFC 4592)");
  } else if (match.suffix_size != 0) {
    print_row("because", fmt::format("the name is in the mesh zone, below {}, which the mesh owns",
                                     suffix_text(query, match.suffix_size)));
  } else {
    print_row("because", "the name is in the mesh zone, although it lies below no suffix that the mesh owns");
  }
}

// Nobody but the mesh knows its addresses, those that no name has yet included.
void explain_reverse_name(const IpAddress& address, const MeshZone& zone, const AnswerTable& table) {
  const auto names = table.reverse(address);
  for (const auto& reverse : names) {
    if (const auto record = table.node(reverse.node).record; record != AnswerTable::kNone) {
      print_record(zone, zone.records[record]);
    }
  }
  if (!names.empty()) {
    print_row("because", fmt::format("{} is an address of the mesh", address.to_string()));
  } else if (const IpRange* range = table.vip_range(address)) {
    print_row("because", fmt::format("{} is for virtual IPs, and no name has {}", range->to_string(),
                                     address.to_string()));
  }
}

void explain_answered(const wire::QueryView& query, const answer::Decision& decision, const MeshZone* zone,
                      const AnswerTable* table, wire::ResponseWriter& writer,
                      std::span<const std::uint8_t> response) {
  if (decision.source == answer::Source::Refused || zone == nullptr || table == nullptr) {
    print_row("answer", wire::rcode_text(writer.rcode()));
    print_row("because", "queries of this type are refused for mesh names");
    return;
  }
  const unsigned count = wire::load16(&response[6]);
  print_row("answer", fmt::format("{}, {} record{}, from the mesh zone", wire::rcode_text(writer.rcode()),
                                  count, count == 1 ? "" : "s"));
  const auto match = table->find(query.folded_qname());
  const auto address = wire::address_of_reverse_name(query.folded_qname());
  if (match.kind == AnswerTable::Kind::Name) {
    explain_mesh_name(query, *zone, match);
  } else if (address && (match.kind == AnswerTable::Kind::NotOurs || !table->reverse(*address).empty())) {
    explain_reverse_name(*address, *zone, *table);
  } else {
    print_row("because", fmt::format("the mesh owns {}, and no file has this name; nobody else is asked",
                                     suffix_text(query, match.suffix_size)));
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

void explain_forwarded(const DryRun& run, std::size_t block, const wire::QueryView& query) {
  const auto& served = run.snapshot->blocks[block];
  const auto pool = served.pool_of(query.folded_qname());
  std::string_view not_ours;
  if (served.mesh && served.mesh->find(query.folded_qname()).kind == AnswerTable::Kind::Name) {
    not_ours = "the mesh zone has only addresses of this name, which is an overlay, and ";
  } else if (served.mesh) {
    not_ours = "the mesh zone does not have the name, and ";
  }
  if (pool == server::Block::kNoPool) {
    print_row("answer", "REFUSED");
    print_row("because", fmt::format("{}no `forward` of the block covers the name", not_ours));
    return;
  }
  const forward::Pool& asked = run.snapshot->plan->pools[pool];
  const auto& upstreams = asked.upstreams;
  std::string text;
  for (const forward::Upstream& upstream : upstreams) {
    text += (text.empty() ? "" : ", ") + upstream.address.to_string();
  }
  if (upstreams.empty()) {
    print_row("answer", "SERVFAIL: no upstream is left to ask");
  } else {
    print_row("answer",
              fmt::format(
                  "from {}{}", text,
                  upstreams.size() > 1 ? fmt::format(", asked {}", policy_text(asked.options.policy)) : ""));
  }
  print_row("written", location_text(asked.options.where));
  print_row(
      "because",
      asked.is_alternate
          ? fmt::format("{}no `forward` of the block covers the name, which is SERVFAIL to its `alternate`",
                        not_ours)
          : fmt::format("{}`forward {}` is the first that covers the name", not_ours,
                        zone_text(asked.options.from)));
}

// Directives that answer what the mesh zone does not. False: none has anything to say.
bool explain_local(const server::Block& served, const wire::QueryView& query, bool is_overlay) {
  if ((served.chain && explain_sources(served.chain->after_mesh, query)) ||
      (!is_overlay && explain_sources(served.special_names, query))) {
    print_row("because",
              served.mesh ? "the mesh zone has nothing for it, and this directive comes before any `forward`"
                          : "this directive comes before any `forward`");
    return true;
  }
  const bool is_last = served.pool_of(query.folded_qname()) == server::Block::kNoPool && served.chain;
  if (is_last && explain_sources(served.chain->last, query)) {
    print_row("because", "nothing else in the block covers the name");
    return true;
  }
  return false;
}

void explain_block(const DryRun& run, std::size_t block, const wire::QueryView& query) {
  const auto& served = run.snapshot->blocks[block];
  const AnswerTable* table = served.mesh.get();
  if (served.chain && explain_sources(served.chain->before_rewrite, query)) {
    print_row("because", "this directive comes before everything else in the block");
    return;
  }
  std::array<std::uint8_t, wire::kMaxMessageSize> buffer;
  wire::ResponseWriter writer(query, buffer, buffer.size());
  const answer::Decision decision = answer::decide(query, table, 0, writer);
  if (decision.verdict == answer::Verdict::Forward) {
    if (!explain_local(served, query, decision.source == answer::Source::MeshOverlay)) {
      explain_forwarded(run, block, query);
    }
    return;
  }
  const std::size_t size = writer.finish();
  explain_answered(query, decision, run.zones[block] ? &*run.zones[block] : nullptr, table, writer,
                   {buffer.data(), size});
}

// The block that takes a name which was rewritten in `block`: one whose mesh has it, or the same.
std::size_t block_after_rewrite(const DryRun& run, std::size_t block, const wire::QueryView& query) {
  for (const SocketAddress& address : run.options.blocks[block].listen) {
    const std::size_t owner = run.snapshot->routers.at(address).block_of(query.folded_qname());
    if (owner != server::Router::kNoBlock && run.snapshot->blocks[owner].mesh &&
        run.snapshot->blocks[owner].mesh->find(query.folded_qname()).kind != AnswerTable::Kind::NotOurs) {
      return owner;
    }
  }
  return block;
}

// From this rewriter of the block on.
void explain_rewritten(const DryRun& run, std::size_t block, std::size_t step, const wire::QueryView& query) {
  const auto& chain = run.snapshot->blocks[block].chain;
  if (!chain || step >= chain->rewriters.size()) {
    explain_block(run, block, query);
    return;
  }
  const auto rewritten = chain->rewriters[step]->rewrite(query);
  if (!rewritten) {
    explain_rewritten(run, block, step + 1, query);
    return;
  }
  wire::QueryView other;
  if (wire::parse_query(rewritten->query(), other) != wire::QueryVerdict::Ok) {
    print_row("answer", "SERVFAIL");
    print_row("because", "`rewrite` makes something of the name that is none");
    return;
  }
  if (!std::ranges::equal(other.question(), query.question())) {
    print_row("rewrite", fmt::format("{} {} is asked instead", wire::name_text(other.qname()),
                                     wire::type_text(other.qtype)));
  }
  const std::size_t owner = block_after_rewrite(run, block, other);
  if (owner != block) {
    print_row("block", location_text(run.options.blocks[owner].where));
    explain_block(run, owner, other);
    return;
  }
  explain_rewritten(run, block, step + 1, other);
}

}  // namespace

int explain(const CommandLine& command_line) {
  const auto name = DomainName::parse(command_line.name);
  if (!name) {
    fmt::print(stderr, "'{}' is not a name: {}\n", command_line.name, name.error());
    return 1;
  }
  const auto type = wire::type_from_text(command_line.type);
  if (!type) {
    fmt::print(stderr, "'{}' is not a type, expected A, AAAA, SRV, ... or TYPE1234\n", command_line.type);
    return 1;
  }
  const SampleQuery query(*name, *type);
  if (!query.is_valid()) {
    fmt::print(stderr, "a query for type {} cannot be asked\n", command_line.type);
    return 1;
  }
  const auto run = dry_run(command_line);
  if (!run) {
    fmt::print(stderr, "{}\n", run.error().what);
    return 1;
  }
  for (const std::string& warning : run->warnings) {
    fmt::print(stderr, "warning: {}\n", warning);
  }

  // Which block takes a query depends on the address it comes to; most often it is the same one for all.
  std::map<std::size_t, std::string> addresses_of_block;
  for (const SocketAddress& address : listen_addresses(run->options)) {
    const server::Router& router = run->snapshot->routers.at(address);
    auto& addresses = addresses_of_block[router.block_of(query.view().folded_qname())];
    addresses += (addresses.empty() ? "" : ", ") + address.to_string();
  }
  fmt::print("{} {}\n", zone_text(*name), wire::type_text(*type));
  for (const auto& [block, addresses] : addresses_of_block) {
    print_row("asked at", addresses);
    if (block == server::Router::kNoBlock) {
      print_row("answer", "REFUSED");
      print_row("because", "no server block there has a zone that the name lies in");
      continue;
    }
    print_row("block", location_text(run->options.blocks[block].where));
    explain_rewritten(*run, block, 0, query.view());
    if (run->zones[block]) {
      print_conflicts(*run->zones[block], *name);
      print_left_out(*run->zones[block], *name);
      for (const std::string& path : remote_paths(run->options.blocks[block].mesh->source)) {
        print_row("but", fmt::format("{} is fetched while serving, and may say something else", path));
      }
    }
  }
  return 0;
}

}  // namespace meshdns::app
