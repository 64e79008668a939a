// VipKeeper: the virtual IPs of all meshes, from one load of the resources to the next.
//
// A load is one VipLoad: it starts from what the load before ended with, and nothing of it is kept unless it
// is handed back to the keeper. What resources and plain records bring along (status, cluster IPs, `/dns`) is
// never given to anybody else.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <meshdns/kuma_options.hpp>
#include <meshdns/result.hpp>

#include "zones/kuma/legacy_view.hpp"
#include "zones/kuma/resources_of_mesh.hpp"
#include "zones/vips/vip_state.hpp"

namespace meshdns::kuma {

// What is remembered between loads.
struct KeptVips {
  vips::VipState state;
  // Freed addresses of MeshServices and their siblings are not given again while the process lives.
  std::set<IpAddress> retired;
  // What resources brought along; it is retired with them.
  std::vector<IpAddress> brought;
};

// No address may belong to two ranges, or two services could get it. The range of services may contain the
// others, as Kuma's does. Errors: InvalidConfig.
Result<void> check_ranges(const KumaOptions& options);

class VipLoad {
 public:
  // `backends` of all meshes: their ranges are common to all. They get their addresses at once. `of_records`:
  // addresses that plain records have.
  VipLoad(const KeptVips& before, const KumaOptions& options, const Listing<Backend>& backends,
          std::span<const IpAddress> of_records, MeshZone& zone);

  // One element for each entry of `view`, in order; empty where the range is full. What the control plane
  // stored counts more than what we gave ourselves: the other proxies of the mesh use it. Errors: InvalidZone
  // (stored VIPs among the resources that cannot be read).
  Result<std::vector<vips::Addresses>> allocate(const ResourcesOfMesh& mesh, const LegacyView& view);

  // What `backend` brings along, or got; empty where the range is full, and for a MeshService whose address
  // is Kubernetes' to give.
  vips::Addresses addresses_of(const Backend& backend) const;

  // Tells the zone how full the ranges are.
  KeptVips finish() &&;

 private:
  struct Pool {
    vips::VipAllocator allocator;
    std::size_t left_out = 0;
  };

  void allocate(Listing<Backend> backends);
  void restore(vips::VipAllocator& allocator, const vips::Allocations& allocations,
               const vips::Allocations& stored = {});
  void report(const vips::VipAllocator& allocator, std::string_view purpose, const std::string& mesh,
              std::size_t left_out, std::span<const IpAddress> of_others = {});

  const KeptVips& before_;
  const KumaOptions& options_;
  MeshZone& zone_;
  std::vector<IpAddress> given_;        // what resources and plain records bring along
  std::vector<IpAddress> of_backends_;  // in use inside the ranges of backends
  std::array<Pool, 3> pools_;           // of Backend::Kind
  std::unordered_map<const Backend*, vips::Addresses> allocated_;
  KeptVips after_;
};

}  // namespace meshdns::kuma
