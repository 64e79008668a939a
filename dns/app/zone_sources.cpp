#include "dns/app/zone_sources.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dns/app/configuration.hpp"
#include "dns/app/dry_run.hpp"

namespace meshdns::app {
namespace {

// Somebody who wants to see it here and now would not wait for a control plane to come up.
Result<void> refuse_remote(const ZoneSource& source) {
  const auto remote = remote_paths(source);
  if (remote.empty()) {
    return {};
  }
  return fail(
      Errc::Unsupported,
      fmt::format("{}: only a running server fetches documents; fetch it to a file and name that, for "
                  "example with curl --unix-socket PATH http://localhost/dns",
                  remote.front()));
}

Result<MeshZone> load(const ZoneSource& source) {
  if (source.paths.size() == 1 && source.paths.front() == kStandardInput) {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    return parse_mesh_zone(text, "standard input", source);
  }
  if (auto refused = refuse_remote(source); !refused) {
    return std::unexpected(std::move(refused.error()));
  }
  return load_mesh_zone(source);
}

Result<std::vector<LoadedZone>> load_zones_of_corefile(const CommandLine& command_line,
                                                       std::vector<std::string>& warnings) {
  auto corefile = Configuration(command_line).load();
  if (!corefile) {
    return std::unexpected(std::move(corefile.error()));
  }
  std::ranges::move(corefile->warnings, std::back_inserter(warnings));
  std::vector<LoadedZone> zones;
  for (const BlockOptions& block : corefile->options.blocks) {
    if (!block.mesh) {
      continue;
    }
    auto zone = load_first_zone(*block.mesh, warnings);
    if (!zone) {
      return std::unexpected(std::move(zone.error()));
    }
    zones.push_back({fmt::format("{}: mesh {}", location_text(block.mesh->where),
                                 fmt::join(block.mesh->source.paths, " ")),
                     std::move(*zone)});
  }
  if (zones.empty()) {
    return fail(Errc::InvalidConfig, "no server block of the Corefile has `mesh`");
  }
  return zones;
}

}  // namespace

Result<std::vector<LoadedZone>> load_zones(const CommandLine& command_line,
                                           std::vector<std::string>& warnings) {
  const ZoneSource& source = command_line.zone.source;
  if (source.paths.empty()) {
    return load_zones_of_corefile(command_line, warnings);
  }
  auto zone = load(source);
  if (!zone) {
    return std::unexpected(std::move(zone.error()));
  }
  std::ranges::copy(zone->warnings, std::back_inserter(warnings));
  std::vector<LoadedZone> zones;
  zones.push_back({"", std::move(*zone)});
  return zones;
}

Result<MeshZone> load_zone_of(const std::string& path, const ZoneSource& options) {
  ZoneSource source = options;
  source.paths = {path};
  return load(source);
}

}  // namespace meshdns::app
