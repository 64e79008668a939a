// DryRun: everything that a server with this command line would load, without listening or fetching anything.
// For `check` and `explain`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/zone.hpp>

#include "dns/app/command_line.hpp"
#include "dns/server/snapshot.hpp"

namespace meshdns::app {

struct DryRun {
  ServerOptions options;
  std::shared_ptr<const server::Snapshot> snapshot;  // with the zones
  std::vector<std::string> warnings;
};

Result<DryRun> dry_run(const CommandLine& command_line);

// What a server starts with. `warnings` gets what is not a fault. Errors: InvalidZone, FileUnreadable.
Result<MeshZone> load_first_zone(const MeshOptions& mesh, std::vector<std::string>& warnings);

// Paths whose documents only a running server fetches; a dry run knows at most the copies of the last time.
std::vector<std::string> remote_paths(const ZoneSource& source);

// Parts of what both print.
std::string zone_text(const DomainName& zone);           // with final dot
std::string listen_text(const BlockOptions& block);      // "127.0.0.1:53, [::1]:53", "every address, port 53"
std::string location_text(const OptionLocation& where);  // "Corefile:3"
std::string location_text(const MeshZone& zone, const ZoneLocation& where);

}  // namespace meshdns::app
