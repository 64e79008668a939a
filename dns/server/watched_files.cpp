#include "dns/server/watched_files.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "dns/plugin/chain.hpp"

namespace meshdns::server {
namespace {

std::vector<std::string> watched_zones(const BlockOptions& block) {
  std::vector<std::string> paths;
  if (block.mesh && block.mesh->reload) {
    std::ranges::copy_if(block.mesh->source.paths, std::back_inserter(paths), [](const std::string& path) {
      return path != kBuiltinDemoZone && !is_remote_zone(path);
    });
    // A zone that the host program replaces cannot be read again.
    if (block.mesh->search && !block.mesh->search->resolv_conf.empty() && !block.mesh->source.paths.empty()) {
      paths.push_back(block.mesh->search->resolv_conf);
    }
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

}  // namespace

std::vector<std::string> watched_files(const ServerOptions& options) {
  std::vector<std::string> paths;
  for (const BlockOptions& block : options.blocks) {
    std::ranges::move(watched_zones(block), std::back_inserter(paths));
    std::ranges::move(watched_upstreams(block), std::back_inserter(paths));
    std::ranges::move(plugin::watched_by_chain(block), std::back_inserter(paths));
  }
  return paths;
}

Affected affected_by(const std::vector<std::string>& changed, const ServerOptions& options) {
  const std::set<std::string> paths(changed.begin(), changed.end());
  const auto has_changed = [&](const std::string& path) { return paths.contains(path); };
  Affected affected;
  for (std::size_t b = 0; b < options.blocks.size(); ++b) {
    const BlockOptions& block = options.blocks[b];
    if (std::ranges::any_of(watched_zones(block), has_changed)) {
      affected.zones.push_back(b);
    }
    if (std::ranges::any_of(plugin::watched_by_chain(block), has_changed)) {
      affected.chains.push_back(b);
    }
    affected.upstreams |= std::ranges::any_of(watched_upstreams(block), has_changed);
  }
  return affected;
}

}  // namespace meshdns::server
