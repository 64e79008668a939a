// VipState: who has which virtual IP, and the file that remembers it.
//
// The file is JSON. Read are our own form and both forms in which Kuma's control plane stores legacy VIPs of
// one mesh (Config `kuma-<mesh>-dns-vips`); written is our own. A write is atomic (a new file, fsync,
// rename).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <meshdns/result.hpp>

#include "zones/vips/vip_allocator.hpp"

namespace meshdns::vips {

// Owner -> addresses.
using Allocations = std::map<std::string, Addresses, std::less<>>;

struct VipState {
  // Mesh -> allocations of `<type>:<name>` with Kuma's types: 0 service, 1 host, 2 fqdn.
  std::map<std::string, Allocations, std::less<>> legacy;
  // Kind ("MeshService", ...) -> allocations of `<mesh>/<name>`.
  std::map<std::string, Allocations, std::less<>> backends;

  bool operator==(const VipState&) const = default;
};

// `mesh` is whose VIPs a Kuma form holds. Errors: InvalidZone, as `file:line:column: what`.
Result<VipState> parse_vip_state(std::string_view text, const std::string& file_name, std::string_view mesh);

// The same of a file; a file that does not exist is an empty state. Errors: InvalidZone, FileUnreadable.
Result<VipState> read_vip_state(const std::string& path, std::string_view mesh);

// Errors: FileUnreadable.
Result<void> write_vip_state(const std::string& path, const VipState& state);

std::string to_json(const VipState& state);

}  // namespace meshdns::vips
