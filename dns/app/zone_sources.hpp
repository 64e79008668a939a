// The mesh zones that a command line means, loaded without serving them.
#pragma once

#include <string>
#include <vector>

#include <meshdns/result.hpp>
#include <meshdns/zone.hpp>
#include <meshdns/zone_file.hpp>

#include "dns/app/command_line.hpp"

namespace meshdns::app {

struct LoadedZone {
  std::string title;  // "Corefile:3: mesh shop.yaml"; empty for paths of the command line
  MeshZone zone;
};

// The paths of the command line as one zone, or, if it has none, the zones of the Corefile: one per server
// block with `mesh`. What is not a fault is added to `warnings`.
Result<std::vector<LoadedZone>> load_zones(const CommandLine& command_line,
                                           std::vector<std::string>& warnings);

// The zone of `path` alone, with the other options of `options`; kStandardInput is read to its end.
Result<MeshZone> load_zone_of(const std::string& path, const ZoneSource& options);

}  // namespace meshdns::app
