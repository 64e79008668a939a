#include "dns/server/watched_files.hpp"

#include <algorithm>
#include <iterator>

#include "dns/plugin/chain.hpp"

namespace meshdns::server {

std::vector<std::string> watched_zones(const BlockOptions& block) {
  std::vector<std::string> paths;
  if (block.mesh && block.mesh->reload) {
    std::ranges::copy_if(block.mesh->source.paths, std::back_inserter(paths), [](const std::string& path) {
      return path != kBuiltinDemoZone && !is_remote_zone(path);
    });
  }
  return paths;
}

std::vector<std::string> watched_upstreams(const BlockOptions& block) {
  std::vector<std::string> paths;
  const auto add = [&](const auto& directives) {
    for (const auto& directive : directives) {
      for (const UpstreamSource& to : directive.to) {
        if (const auto* file = std::get_if<ResolvConf>(&to)) {
          paths.push_back(file->path);
        }
      }
    }
  };
  add(block.forward);
  add(block.alternate);
  return paths;
}

std::vector<std::string> watched_files(const ServerOptions& options) {
  std::vector<std::string> paths;
  for (const BlockOptions& block : options.blocks) {
    std::ranges::move(watched_zones(block), std::back_inserter(paths));
    std::ranges::move(watched_upstreams(block), std::back_inserter(paths));
    std::ranges::move(plugin::watched_by_chain(block), std::back_inserter(paths));
  }
  return paths;
}

}  // namespace meshdns::server
