// Reachability: which names one Dataplane gets to see.
//
// Kuma: pkg/xds/sync/dataplane_proxy_builder.go, pkg/xds/context/context.go at v2.9.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>

#include "zones/kuma/legacy_view.hpp"
#include "zones/kuma/resources_of_mesh.hpp"

namespace meshdns::kuma {

class Reachability {
 public:
  Reachability() = default;  // everything
  Reachability(const Dataplane& dataplane, Mesh::MeshServices mode, std::string local_zone);

  bool sees(const Entry& entry) const;
  // `vip`: its first address.
  bool sees(const Backend& backend, const IpAddress& vip) const;

  bool has_dns() const { return has_dns_; }            // false: no transparent proxying, no names at all
  bool is_ipv4_only() const { return is_ipv4_only_; }  // no IPv6-mapped addresses

 private:
  const Dataplane* dataplane_ = nullptr;
  std::string local_zone_;
  bool has_dns_ = true;
  bool is_ipv4_only_ = false;
  std::optional<std::unordered_set<std::string_view>> services_;  // none: all
  const std::vector<BackendRef>* refs_ = nullptr;
  bool sees_all_backends_ = true;
};

}  // namespace meshdns::kuma
