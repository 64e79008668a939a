#include "dns/server/zone_keeper.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <new>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "dns/answer/compile_answers.hpp"
#include "dns/server/answer_policy.hpp"
#include "dns/server/last_good.hpp"
#include "dns/server/remote_source.hpp"

namespace meshdns::server {
namespace {

constexpr std::size_t kShownConflicts = 3;

Result<void> check_remote_paths(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (is_remote_zone(path)) {
      if (auto remote = parse_remote_source(path); !remote) {
        return std::unexpected(std::move(remote.error()));
      }
    }
  }
  return {};
}

// Until the host program replaces it, nothing is known of the zone but its suffixes.
MeshZone empty_zone(const ZoneSource& source) {
  MeshZone zone;
  zone.owns = source.owns;
  zone.overlays = source.overlays;
  if (zone.owns.empty()) {
    zone.owns.push_back(*DomainName::parse("mesh"));
  }
  return zone;
}

std::string claim_text(const MeshZone& zone, const ZoneClaim& claim) {
  const std::string& resource = zone.origins.at(claim.resource);
  const std::string place = claim.where.file < zone.files.size()
                                ? fmt::format("{}:{}", zone.files[claim.where.file], claim.where.line)
                                : "";
  return resource.empty() ? place : fmt::format("{} ({})", resource, place);
}

Result<answer::AnswerTable> compile(const MeshZone& zone, const answer::AnswerPolicy& policy) {
  try {
    return answer::compile_answers(zone, static_cast<std::uint32_t>(std::time(nullptr)), policy);
  } catch (const std::bad_alloc&) {
    return fail(Errc::InvalidZone,
                fmt::format("a mesh zone of {} names needs more memory than there is", zone.records.size()));
  }
}

}  // namespace

Result<ZoneKeeper::Zones> ZoneKeeper::load_all(const ServerOptions& options) const {
  Zones zones;
  for (const BlockOptions& block : options.blocks) {
    if (!block.mesh) {
      zones.emplace_back();
      continue;
    }
    auto kept = load_first(*block.mesh, options.admin.has_value(), zones);
    if (!kept) {
      return std::unexpected(std::move(kept.error()));
    }
    zones.push_back(*std::move(kept));
  }
  return zones;
}

// Blocks with the same source share a loader, so that a name has the same address in all of them.
std::shared_ptr<ZoneLoader> ZoneKeeper::loader_of(const ZoneSource& source, const Zones& new_zones) const {
  for (const Zones* zones : {&new_zones, &zones_}) {
    for (const KeptZone& zone : *zones) {
      if (zone.loader && zone.mesh->source == source) {
        return zone.loader;
      }
    }
  }
  return std::make_shared<ZoneLoader>(source);
}

Result<KeptZone> ZoneKeeper::load_first(const MeshOptions& mesh, bool keeps_zone,
                                        const Zones& new_zones) const {
  KeptZone kept{.mesh = mesh, .keeps_zone = keeps_zone};
  kept.status.has_mesh = true;
  if (mesh.source.paths.empty()) {
    if (auto served = serve(kept, empty_zone(mesh.source), false); !served) {
      return std::unexpected(std::move(served.error()));
    }
    kept.status.zone_loaded = false;
    kept.status.zone_reloads = 0;
    kept.status.zone_since.reset();
    return kept;
  }
  if (auto checked = check_remote_paths(mesh.source.paths); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  kept.loader = loader_of(mesh.source, new_zones);
  auto first = load_with_last_good(*kept.loader, mesh);
  if (!first) {
    return std::unexpected(std::move(first.error()));
  }
  for (const std::string& note : first->notes) {
    log_(LogLevel::Info, "plugin/mesh: " + note);
  }
  for (const std::string& warning : first->warnings) {
    log_(LogLevel::Warning, "plugin/mesh: " + warning);
  }
  for (const std::string& path : kept.loader->missing()) {
    log_(LogLevel::Info, fmt::format("plugin/mesh: {}: names of the mesh wait for its first document", path));
  }
  if (auto served = serve(kept, std::move(first->zone), !kept.loader->missing().empty()); !served) {
    return std::unexpected(std::move(served.error()));
  }
  return kept;
}

Result<void> ZoneKeeper::reload(std::size_t block) {
  KeptZone& kept = zones_[block];
  return serve_or_count(kept, kept.loader->load());
}

Result<void> ZoneKeeper::take_document(std::size_t block, const std::string& path,
                                       const std::string& document) {
  KeptZone& kept = zones_[block];
  return serve_or_count(kept, kept.loader->load_with(path, document));
}

Result<void> ZoneKeeper::replace(std::size_t block, MeshZone zone) {
  if (block >= zones_.size() || !zones_[block].mesh) {
    return fail(Errc::InvalidConfig, fmt::format("block {} has no mesh zone to replace", block));
  }
  return serve(zones_[block], std::move(zone), false);
}

Result<void> ZoneKeeper::serve_or_count(KeptZone& kept, Result<MeshZone> zone) const {
  const auto served = zone ? serve(kept, *std::move(zone), !kept.loader->missing().empty())
                           : Result<void>(std::unexpected(std::move(zone.error())));
  if (!served) {
    ++kept.status.zone_failures;
    kept.status.last_zone_error = served.error().what;
  }
  return served;
}

Result<void> ZoneKeeper::serve(KeptZone& kept, MeshZone zone, bool is_partial) const {
  auto policy = answer_policy_of(*kept.mesh);
  auto table = compile(zone, policy.policy);
  if (!table) {
    return std::unexpected(std::move(table.error()));
  }
  for (const std::string& warning : zone.warnings) {
    log_(LogLevel::Warning, warning);
  }
  for (const std::string& warning : policy.warnings) {
    log_(LogLevel::Warning, "plugin/mesh: " + warning);
  }
  report_conflicts(kept, zone);
  kept.served = {.table = std::make_shared<const answer::AnswerTable>(std::move(*table)),
                 .is_partial = is_partial};
  BlockStatus& status = kept.status;
  status.zone_loaded = !is_partial;
  status.waiting_for = is_partial ? kept.loader->missing() : std::vector<std::string>();
  status.zone_reloads += is_partial ? 0 : 1;
  status.names = kept.served.table->name_count();
  status.last_zone_error.clear();
  status.name_conflicts = zone.conflict_count;
  status.names_left_out = 0;
  for (const VipUsage& usage : zone.vips) {
    status.names_left_out += usage.left_out;
  }
  status.zone_since = std::chrono::system_clock::now();
  status.extra_labels = zone.extra_labels;
  if (kept.keeps_zone) {
    kept.served.zone = std::make_shared<const MeshZone>(std::move(zone));
  }
  return {};
}

void ZoneKeeper::report_conflicts(KeptZone& kept, const MeshZone& zone) const {
  std::string text;
  for (const ZoneConflict& conflict : zone.conflicts | std::views::take(kShownConflicts)) {
    text += fmt::format("{}{} ({}): {} has it, {} does not", text.empty() ? "" : "; ", conflict.name,
                        conflict.why, claim_text(zone, conflict.kept), claim_text(zone, conflict.dropped));
  }
  if (zone.conflict_count > kShownConflicts) {
    text += fmt::format("; and {} more", zone.conflict_count - kShownConflicts);
  }
  if (zone.conflict_count != 0 && text != kept.conflicts) {
    log_(LogLevel::Warning,
         fmt::format("plugin/mesh: {} name{} claimed more than once{}{}", zone.conflict_count,
                     zone.conflict_count == 1 ? " is" : "s are", text.empty() ? "" : ": ", text));
  }
  kept.conflicts = std::move(text);
}

void ZoneKeeper::save_states() {
  for (const KeptZone& kept : zones_) {
    if (kept.loader) {
      if (const auto saved = kept.loader->save_state(); !saved) {
        log_(LogLevel::Warning,
             fmt::format("plugin/mesh: {}; virtual IPs may change at the next start", saved.error().what));
      }
    }
  }
}

void ZoneKeeper::keep_document(std::size_t block, const std::string& path, const std::string& document) {
  const std::string& folder = zones_[block].mesh->last_good;
  if (folder.empty()) {
    return;
  }
  if (const auto kept = keep_last_good(folder, path, document); !kept) {
    log_(LogLevel::Warning,
         fmt::format("plugin/mesh: {}; the next start has no copy of this document", kept.error().what));
  }
}

bool ZoneKeeper::reads(std::size_t block, const std::string& path) const {
  const KeptZone& kept = zones_[block];
  return kept.loader && std::ranges::find(kept.mesh->source.paths, path) != kept.mesh->source.paths.end();
}

AnswerTables ZoneKeeper::tables() const {
  AnswerTables tables;
  for (const KeptZone& kept : zones_) {
    tables.push_back(kept.served);
  }
  return tables;
}

std::vector<BlockStatus> ZoneKeeper::status() const {
  std::vector<BlockStatus> status;
  for (const KeptZone& kept : zones_) {
    status.push_back(kept.status);
  }
  return status;
}

std::vector<ZonePoller::Target> ZoneKeeper::poll_targets() const {
  std::map<std::string, ZonePoller::Target> targets;
  for (const KeptZone& kept : zones_) {
    if (!kept.loader) {
      continue;
    }
    const std::vector<std::string> missing = kept.loader->missing();
    for (const std::string& path : kept.mesh->source.paths) {
      if (!is_remote_zone(path)) {
        continue;
      }
      const auto [found, is_new] =
          targets.try_emplace(path, ZonePoller::Target{path, kept.mesh->poll_interval, false});
      ZonePoller::Target& target = found->second;
      target.interval = std::min(target.interval, kept.mesh->poll_interval);
      target.is_missed |= std::ranges::find(missing, path) != missing.end();
    }
  }
  std::vector<ZonePoller::Target> list;
  for (auto& [path, target] : targets) {
    list.push_back(std::move(target));
  }
  return list;
}

}  // namespace meshdns::server
