// The last good document of each remote zone path, kept in a folder for the next start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/zone_file.hpp>

namespace meshdns::server {

// The file of `path` in `folder`: readable, and another one for every path.
std::string last_good_file(const std::string& folder, std::string_view path);

// Makes the folder if it is missing, and replaces the file as a whole, but only if it has another content.
// Errors: FileUnreadable.
Result<void> keep_last_good(const std::string& folder, std::string_view path, std::string_view document);

// What is known of a zone before anything was fetched.
struct FirstLoad {
  MeshZone zone;
  std::vector<std::string> notes;     // which copies are used, and from when they are
  std::vector<std::string> warnings;  // and which cannot be
};

// ZoneLoader::load(), then the copies of documents that the loader misses. A copy that cannot be read is
// left out. Errors: those of load().
Result<FirstLoad> load_with_last_good(ZoneLoader& loader, const MeshOptions& mesh);

}  // namespace meshdns::server
