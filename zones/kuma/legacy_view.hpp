// LegacyView: the names of one mesh that have a legacy VIP: services (kuma.io/service), hosts
// (ExternalService) and fully qualified names (VirtualOutbound, cross-mesh MeshGateway).
//
// Kuma: pkg/dns/vips_allocator.go. What is first keeps a port of a name; the order is that of the store, then
// of inbounds, then of the rank of VirtualOutbounds.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include <meshdns/kuma_options.hpp>

#include "zones/kuma/claims.hpp"
#include "zones/kuma/resources_of_mesh.hpp"

namespace meshdns::kuma {

// Kuma's numbers; they are also the order in which addresses are given.
enum class EntryType : std::uint8_t { Service, Host, Fqdn };

struct Outbound {
  std::uint16_t port = 0;
  const Tags* tags = nullptr;  // of what it leads to; of these the VirtualOutbound passes on its parameters'
  const VirtualOutbound* made_by = nullptr;  // none: the tags are passed on as they are
  ZoneClaim claim;

  std::string_view service() const;  // kuma.io/service, may be empty
};

struct Entry {
  EntryType type = EntryType::Service;
  std::string name;
  boost::container::small_vector<Outbound, 1> outbounds;  // sorted by port
  ZoneClaim claim;                                        // of what was first

  std::string owner() const;  // "0:cart", as Kuma stores it
};

// Points into the resources that it was made of.
struct LegacyView {
  std::vector<Entry> entries;  // sorted by type and name
  std::deque<Tags> own_tags;   // of ExternalServices, as VirtualOutbounds see them
};

LegacyView make_legacy_view(const ResourcesOfMesh& mesh, const AllResources& all, const KumaOptions& options,
                            MeshZone& zone, Claims& claims);

}  // namespace meshdns::kuma
