// Which files and folders ServerOptions say something about that may change.
#pragma once

#include <string>
#include <vector>

#include <meshdns/options.hpp>

namespace meshdns::server {

std::vector<std::string> watched_zones(const BlockOptions& block);
std::vector<std::string> watched_upstreams(const BlockOptions& block);
std::vector<std::string> watched_files(const ServerOptions& options);

}  // namespace meshdns::server
