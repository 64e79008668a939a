#include "dns/app/explain.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "dns/app/dry_run.hpp"
#include "dns/app/start_lines.hpp"
#include "dns/app/zone_rows.hpp"
#include "dns/server/explain.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::app {
namespace {

using inspect::Explanation;

void print_row(std::string_view title, const std::string& text) {
  fmt::print("  {:<9}{}\n", title, text);
}

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

void print_addresses(const Explanation& explanation, const std::vector<SocketAddress>& in_order) {
  std::string text;
  for (const SocketAddress& address : in_order) {
    if (std::ranges::find(explanation.asked_at, address) != explanation.asked_at.end()) {
      text += (text.empty() ? "" : ", ") + address.to_string();
    }
  }
  print_row("asked at", text);
}

void print_explanation(const Explanation& explanation) {
  if (explanation.is_taken) {
    print_row("block", location_text(explanation.written));
  }
  for (const inspect::ExplainedRewrite& rewrite : explanation.rewrites) {
    if (!rewrite.question.empty()) {
      print_row("rewrite", rewrite.question + " is asked instead");
    }
    if (!rewrite.block.file.empty()) {
      print_row("block", location_text(rewrite.block));
    }
  }
  print_row("answer", explanation.answer);
  if (!explanation.alias.empty()) {
    print_row("and", fmt::format("what this server says of {}.", explanation.alias));
  }
  for (const inspect::ExplainedRecord& found : explanation.records) {
    print_record(*found.zone, *found.record);
  }
  for (const OptionLocation& source : explanation.sources) {
    print_row("written", location_text(source));
  }
  if (!explanation.forward.file.empty()) {
    print_row("written", location_text(explanation.forward));
  }
  print_row("because", explanation.because);
  for (const std::string& conflict : explanation.conflicts) {
    print_row("conflict", conflict);
  }
  for (const std::string& but : explanation.but) {
    print_row("but", but);
  }
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
  const auto run = dry_run(command_line);
  if (!run) {
    fmt::print(stderr, "{}\n", run.error().what);
    return 1;
  }
  const auto explanations = server::explain(*run->snapshot, run->options, *name, *type);
  if (explanations.empty()) {
    fmt::print(stderr, "a query for type {} cannot be asked\n", command_line.type);
    return 1;
  }
  for (const std::string& warning : run->warnings) {
    fmt::print(stderr, "warning: {}\n", warning);
  }
  fmt::print("{} {}\n", zone_text(*name), wire::type_text(*type));
  for (const Explanation& explanation : explanations) {
    print_addresses(explanation, listen_addresses(run->options));
    print_explanation(explanation);
    if (explanation.is_taken && run->options.blocks[explanation.block].mesh) {
      for (const std::string& path : remote_paths(run->options.blocks[explanation.block].mesh->source)) {
        print_row("but", fmt::format("{} is fetched while serving, and may say something else", path));
      }
    }
  }
  return 0;
}

}  // namespace meshdns::app
