#include "zones/kuma/vip_keeper.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "zones/kuma/hostname_generators.hpp"
#include "zones/text/messages.hpp"

namespace meshdns::kuma {
namespace {

using Kind = Backend::Kind;

std::string owner_of(const Backend& backend) {
  return fmt::format("{}/{}", backend.meta.mesh, backend.meta.name);
}

std::size_t index_of(Kind kind) {
  return static_cast<std::size_t>(kind);
}

// A Service of Kubernetes has a cluster IP, which only its status tells.
bool has_cluster_ip(const Backend& backend) {
  if (backend.kind != Kind::MeshService) {
    return false;
  }
  const Tags labels = complete_labels(backend, "");
  return labels.find("kuma.io/env")->second == "kubernetes" &&
         labels.find("kuma.io/origin")->second == "zone";
}

const vips::Allocations* find(const std::map<std::string, vips::Allocations, std::less<>>& state,
                              std::string_view key) {
  const auto found = state.find(key);
  return found == state.end() ? nullptr : &found->second;
}

void sort_once(std::vector<IpAddress>& addresses) {
  std::ranges::sort(addresses);
  const auto repeated = std::ranges::unique(addresses);
  addresses.erase(repeated.begin(), repeated.end());
}

bool is_in(const VipRanges& ranges, const IpAddress& address) {
  return (ranges.ipv4 && ranges.ipv4->contains(address)) || (ranges.ipv6 && ranges.ipv6->contains(address));
}

// `a` may contain `b` if it is the range of services.
bool collide(const IpRange& a, const IpRange& b, bool is_a_of_services) {
  return b.contains(a.first) || (a.contains(b.first) && !is_a_of_services);
}

Result<void> check_family(const KumaOptions& options, std::optional<IpRange> VipRanges::* family) {
  const std::array ranges{options.service_range.*family, options.mesh_service_range.*family,
                          options.mesh_external_service_range.*family,
                          options.mesh_multi_zone_service_range.*family};
  for (std::size_t a = 0; a < ranges.size(); ++a) {
    for (std::size_t b = a + 1; b < ranges.size(); ++b) {
      if (ranges[a] && ranges[b] && collide(*ranges[a], *ranges[b], a == 0)) {
        return fail(Errc::InvalidConfig,
                    fmt::format("the ranges of virtual IPs {} and {} overlap, expected ranges apart",
                                ranges[a]->to_string(), ranges[b]->to_string()));
      }
    }
  }
  return {};
}

}  // namespace

Result<void> check_ranges(const KumaOptions& options) {
  auto fits = check_family(options, &VipRanges::ipv4);
  return fits ? check_family(options, &VipRanges::ipv6) : fits;
}

VipLoad::VipLoad(const KeptVips& before, const KumaOptions& options, const Listing<Backend>& backends,
                 std::span<const IpAddress> of_records, MeshZone& zone)
    : before_(before),
      options_(options),
      zone_(zone),
      pools_{Pool{{options.mesh_service_range, vips::Order::BehindCursor}},
             Pool{{options.mesh_external_service_range, vips::Order::BehindCursor}},
             Pool{{options.mesh_multi_zone_service_range, vips::Order::BehindCursor}}} {
  for (const auto& backend : backends) {
    after_.brought.insert(after_.brought.end(), backend->vips.begin(), backend->vips.end());
  }
  sort_once(after_.brought);
  given_ = after_.brought;
  given_.insert(given_.end(), of_records.begin(), of_records.end());
  sort_once(given_);
  after_.retired = before_.retired;
  std::ranges::set_difference(before_.brought, after_.brought,
                              std::inserter(after_.retired, after_.retired.end()));
  for (const Kind kind : {Kind::MeshService, Kind::MeshExternalService, Kind::MeshMultiZoneService}) {
    vips::VipAllocator& allocator = pools_[index_of(kind)].allocator;
    for (const IpAddress& address : given_) {
      allocator.block(address);
    }
    for (const IpAddress& address : after_.retired) {
      allocator.block(address);
    }
    if (const auto* allocations = find(before_.state.backends, kind_text(kind))) {
      restore(allocator, *allocations);
    }
  }
  allocate(backends);
  for (const auto& [backend, addresses] : allocated_) {
    of_backends_.insert(of_backends_.end(), addresses.begin(), addresses.end());
  }
  std::ranges::copy_if(given_, std::back_inserter(of_backends_), [&](const IpAddress& address) {
    return is_in(options.mesh_service_range, address) ||
           is_in(options.mesh_external_service_range, address) ||
           is_in(options.mesh_multi_zone_service_range, address);
  });
}

void VipLoad::allocate(Listing<Backend> backends) {
  std::ranges::stable_sort(backends, {}, [](const auto& backend) {
    return std::pair<std::string_view, std::string_view>(backend->meta.name, backend->meta.mesh);
  });
  for (const auto& backend : backends) {
    if (!backend->vips.empty() || has_cluster_ip(*backend)) {
      continue;
    }
    Pool& pool = pools_[index_of(backend->kind)];
    if (auto addresses = pool.allocator.allocate(owner_of(*backend))) {
      allocated_.emplace(backend.resource, *std::move(addresses));
    } else {
      ++pool.left_out;
    }
  }
}

void VipLoad::restore(vips::VipAllocator& allocator, const vips::Allocations& allocations,
                      const vips::Allocations& stored) {
  for (const auto& [owner, addresses] : allocations) {
    const auto by_control_plane = stored.find(owner);
    for (const IpAddress& address : addresses) {
      if (allocator.restore(owner, address)) {
        continue;
      }
      if (by_control_plane != stored.end()) {
        text::warn(zone_,
                   fmt::format("{} had the virtual IP {}; it has {} now, which the control plane stored",
                               text::quote(owner), address.to_string(),
                               by_control_plane->second.front().to_string()));
      } else {
        text::warn(
            zone_,
            fmt::format(
                "{} had the virtual IP {}, which is outside of the range now, or taken; it gets another "
                "one",
                text::quote(owner), address.to_string()));
      }
    }
  }
}

Result<std::vector<vips::Addresses>> VipLoad::allocate(const ResourcesOfMesh& mesh, const LegacyView& view) {
  Pool pool{{options_.service_range, vips::Order::LowestFree}};
  for (const IpAddress& address : given_) {
    pool.allocator.block(address);
  }
  for (const IpAddress& address : of_backends_) {
    pool.allocator.block(address);
  }
  vips::Allocations all_stored;
  for (const auto& stored : mesh.stored_vips) {
    const ZoneLocation where = in_file(stored->where, stored.file);
    const auto state = vips::parse_vip_state(
        stored->json, text::location_text(zone_, where) + ": stored virtual IPs", mesh.name);
    if (!state) {
      return std::unexpected(state.error());
    }
    if (const auto* of_mesh = find(state->legacy, mesh.name)) {
      restore(pool.allocator, *of_mesh);
      all_stored.insert(of_mesh->begin(), of_mesh->end());
    }
  }
  if (const auto* kept = find(before_.state.legacy, mesh.name)) {
    restore(pool.allocator, *kept, all_stored);
  }
  std::vector<vips::Addresses> addresses;
  addresses.reserve(view.entries.size());
  for (const Entry& entry : view.entries) {
    auto allocated = pool.allocator.allocate(entry.owner());
    if (!allocated) {
      ++pool.left_out;
    }
    addresses.push_back(allocated.value_or(vips::Addresses{}));
  }
  auto& owners = after_.state.legacy[mesh.name];
  for (auto& [owner, owned] : pool.allocator.owners()) {
    owners.emplace_hint(owners.end(), std::move(owner), std::move(owned));
  }
  if (!view.entries.empty()) {
    report(pool.allocator, "services and hosts", mesh.name, pool.left_out, of_backends_);
  }
  return addresses;
}

vips::Addresses VipLoad::addresses_of(const Backend& backend) const {
  if (!backend.vips.empty()) {
    return {backend.vips.front()};
  }
  const auto found = allocated_.find(&backend);
  return found == allocated_.end() ? vips::Addresses{} : found->second;
}

KeptVips VipLoad::finish() && {
  for (const Kind kind : {Kind::MeshService, Kind::MeshExternalService, Kind::MeshMultiZoneService}) {
    const Pool& pool = pools_[index_of(kind)];
    vips::Allocations owners;
    for (auto& [owner, owned] : pool.allocator.owners()) {
      owners.emplace_hint(owners.end(), std::move(owner), std::move(owned));
    }
    if (const auto* allocations = find(before_.state.backends, kind_text(kind))) {
      for (const auto& [owner, addresses] : *allocations) {
        if (!owners.contains(owner)) {
          after_.retired.insert(addresses.begin(), addresses.end());
        }
      }
    }
    if (!owners.empty()) {
      after_.state.backends.emplace(kind_text(kind), std::move(owners));
    }
    report(pool.allocator, kind_text(kind), "", pool.left_out);
  }
  return std::move(after_);
}

void VipLoad::report(const vips::VipAllocator& allocator, std::string_view purpose, const std::string& mesh,
                     std::size_t left_out, std::span<const IpAddress> of_others) {
  for (VipUsage usage : allocator.usage()) {
    usage.used -= static_cast<std::size_t>(std::ranges::count_if(
        of_others, [&](const IpAddress& address) { return usage.range.contains(address); }));
    usage.purpose = purpose;
    usage.mesh = mesh;
    usage.left_out = left_out;
    zone_.vips.push_back(std::move(usage));
  }
  if (left_out != 0) {
    zone_.warnings.push_back(
        text::one_line(fmt::format("the range of virtual IPs for {}{} is full: names left out: {}", purpose,
                                   mesh.empty() ? "" : " of mesh " + mesh, left_out)));
  }
}

}  // namespace meshdns::kuma
