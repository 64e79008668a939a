// Which files and folders ServerOptions say something about that may change.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <meshdns/options.hpp>

namespace meshdns::server {

std::vector<std::string> watched_files(const ServerOptions& options);

// What has to be made again when they have changed.
struct Affected {
  std::vector<std::size_t> zones;   // of these blocks
  std::vector<std::size_t> chains;  // of these blocks
  bool upstreams = false;
};
Affected affected_by(const std::vector<std::string>& changed, const ServerOptions& options);

}  // namespace meshdns::server
