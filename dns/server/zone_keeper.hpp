// ZoneKeeper: the mesh zone of each server block: what reads it, what is served of it, and how it fares.
//
// Knows neither workers nor snapshots: whoever changes something here publishes it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/status.hpp>
#include <meshdns/zone.hpp>
#include <meshdns/zone_file.hpp>

#include "dns/server/snapshot.hpp"
#include "dns/server/zone_poller.hpp"

namespace meshdns::server {

// The zone of one block.
struct KeptZone {
  std::optional<MeshOptions> mesh;     // none: the block has no mesh zone
  std::shared_ptr<ZoneLoader> loader;  // null: the host program replaces the zone
  ServedTable served;
  BlockStatus status;
  std::string conflicts;    // what was said of them last
  bool keeps_zone = false;  // besides the table that is made of it
};

// Not thread-safe.
class ZoneKeeper {
 public:
  using Zones = std::vector<KeptZone>;

  explicit ZoneKeeper(LogSink& log) : log_(log) {}

  // The zones of new options, not in force yet. A block whose source was read before goes on with the same
  // loader, so that its addresses stay. Errors: InvalidZone, FileUnreadable, InvalidConfig.
  Result<Zones> load_all(const ServerOptions& options) const;
  void put_in_force(Zones zones) { zones_ = std::move(zones); }

  // One zone anew. On an error the old one stays; the status says so. Errors: InvalidZone, FileUnreadable.
  Result<void> reload(std::size_t block);
  Result<void> take_document(std::size_t block, const std::string& path, const std::string& document);
  Result<void> replace(std::size_t block, MeshZone zone);  // also InvalidConfig

  // Writes what the next start wants to know. A failure is a warning.
  void save_states();
  void keep_document(std::size_t block, const std::string& path, const std::string& document);

  std::size_t size() const { return zones_.size(); }
  // By block.
  bool can_reload(std::size_t block) const { return zones_[block].loader != nullptr; }
  bool reads(std::size_t block, const std::string& path) const;
  std::size_t names(std::size_t block) const { return zones_[block].status.names; }
  AnswerTables tables() const;
  std::vector<BlockStatus> status() const;
  std::vector<ZonePoller::Target> poll_targets() const;

 private:
  std::shared_ptr<ZoneLoader> loader_of(const ZoneSource& source, const Zones& new_zones) const;
  Result<KeptZone> load_first(const MeshOptions& mesh, bool keeps_zone, const Zones& new_zones) const;
  Result<void> serve(KeptZone& kept, MeshZone zone, bool is_partial) const;
  Result<void> serve_or_count(KeptZone& kept, Result<MeshZone> zone) const;
  void report_conflicts(KeptZone& kept, const MeshZone& zone) const;

  LogSink& log_;
  Zones zones_;  // by block
};

}  // namespace meshdns::server
