// Reading mesh zone files: YAML or JSON text to MeshZone. The format is described in zones/README.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/kuma_options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/zone.hpp>

namespace meshdns {

// Path that stands for the small demonstration mesh compiled into the library.
inline constexpr std::string_view kBuiltinDemoZone = "builtin:demo";

struct ZoneSource {
  // Files, folders (their *.yaml, *.yml and *.json in lexical order), kBuiltinDemoZone, or addresses of
  // Kuma's `/dns` document: `unix:PATH`, `http://HOST:PORT`.
  std::vector<std::string> paths;
  // Owned suffixes in addition to those that the documents name and that resources imply. If there is none of
  // these: `mesh`.
  std::vector<DomainName> owns;
  // TTL in seconds, 1..86400, for records whose document gives none.
  std::uint32_t default_ttl_seconds = 30;
  // Suffixes that are forwarded although they lie below an owned one.
  std::vector<DomainName> overlays;
  KumaOptions kuma;

  bool operator==(const ZoneSource&) const = default;
};

// True for `unix:PATH` and `http://...`: documents that somebody else fetches.
bool is_remote_zone(std::string_view path);

// Reads the same sources again and again. Files that have not changed are not parsed twice, and virtual IPs
// stay where they are. Not thread-safe.
class ZoneLoader {
 public:
  explicit ZoneLoader(ZoneSource source);
  ~ZoneLoader();
  ZoneLoader(ZoneLoader&&) noexcept;

  // All or nothing: the first fault of any file fails the whole load. Errors: InvalidZone, FileUnreadable.
  Result<MeshZone> load();

  // The same with a document that was fetched from `path`, one of the remote paths. If the load fails, the
  // loader goes on with the document that it had before.
  Result<MeshZone> load_with(const std::string& path, std::string document);

  // Remote paths of which no document was given yet; their names are not in what load() returns.
  std::vector<std::string> missing() const;

  // Writes KumaOptions::state_path if what was loaded last differs from it. Errors: FileUnreadable.
  Result<void> save_state();

 private:
  friend Result<MeshZone> parse_mesh_zone(std::string_view text, const std::string& file_name,
                                          const ZoneSource& defaults);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

// One load, which writes nothing. Errors: InvalidZone, FileUnreadable.
Result<MeshZone> load_mesh_zone(const ZoneSource& source);

// The same for text that is already in memory; `file_name` is used in messages only.
Result<MeshZone> parse_mesh_zone(std::string_view text, const std::string& file_name,
                                 const ZoneSource& defaults);

}  // namespace meshdns
