#include "dns/app/dry_run.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dns/answer/compile_answers.hpp"
#include "dns/app/configuration.hpp"
#include "dns/app/start_lines.hpp"
#include "dns/server/answer_policy.hpp"
#include "dns/server/last_good.hpp"

namespace meshdns::app {

Result<DryRun> dry_run(const CommandLine& command_line) {
  auto corefile = Configuration(command_line).load();
  if (!corefile) {
    return std::unexpected(std::move(corefile.error()));
  }
  DryRun run{.options = std::move(corefile->options), .snapshot = {}, .warnings = corefile->warnings};
  server::AnswerTables tables;
  for (const BlockOptions& block : run.options.blocks) {
    auto& table = tables.emplace_back();
    if (!block.mesh) {
      continue;
    }
    auto loaded = load_first_zone(*block.mesh, run.warnings);
    if (!loaded) {
      return std::unexpected(std::move(loaded.error()));
    }
    auto policy = server::answer_policy_of(*block.mesh);
    std::ranges::move(policy.warnings, std::back_inserter(run.warnings));
    auto compiled = answer::compile_answers(*loaded, 1, policy.policy);
    if (!compiled) {
      return std::unexpected(std::move(compiled.error()));
    }
    table.zone = std::make_shared<const MeshZone>(*std::move(loaded));
    table.table = std::make_shared<const answer::AnswerTable>(std::move(*compiled));
  }
  auto plan = forward::make_forward_plan(run.options, listen_addresses(run.options));
  if (!plan) {
    return std::unexpected(std::move(plan.error()));
  }
  std::ranges::copy(plan->warnings, std::back_inserter(run.warnings));
  auto chains = server::make_chains(run.options);
  if (!chains) {
    return std::unexpected(std::move(chains.error()));
  }
  run.snapshot = server::make_snapshot(run.options, tables, *chains,
                                       std::make_shared<const forward::ForwardPlan>(std::move(*plan)));
  return run;
}

Result<MeshZone> load_first_zone(const MeshOptions& mesh, std::vector<std::string>& warnings) {
  ZoneLoader loader(mesh.source);
  auto loaded = server::load_with_last_good(loader, mesh);
  if (!loaded) {
    return std::unexpected(std::move(loaded.error()));
  }
  std::ranges::move(loaded->notes, std::back_inserter(warnings));
  std::ranges::move(loaded->warnings, std::back_inserter(warnings));
  for (const std::string& path : loader.missing()) {
    warnings.push_back(fmt::format("{}: fetched while serving, its names are not known here", path));
  }
  std::ranges::copy(loaded->zone.warnings, std::back_inserter(warnings));
  return std::move(loaded->zone);
}

std::vector<std::string> remote_paths(const ZoneSource& source) {
  std::vector<std::string> remote;
  std::ranges::copy_if(source.paths, std::back_inserter(remote), is_remote_zone);
  return remote;
}

std::string zone_text(const DomainName& zone) {
  return zone.is_root() ? "." : zone.to_string() + ".";
}

std::string listen_text(const BlockOptions& block) {
  if (std::ranges::count_if(block.listen, [](const auto& address) { return address.ip.is_unspecified(); }) ==
      2) {
    return fmt::format("every address, port {}", block.listen.front().port);
  }
  std::string text;
  for (const SocketAddress& address : block.listen) {
    text += (text.empty() ? "" : ", ") + address.to_string();
  }
  return text;
}

std::string location_text(const OptionLocation& where) {
  return where.line == 0 ? where.file : fmt::format("{}:{}", where.file, where.line);
}

std::string location_text(const MeshZone& zone, const ZoneLocation& where) {
  return fmt::format("{}:{}:{}", zone.files[where.file], where.line, where.column);
}

}  // namespace meshdns::app
