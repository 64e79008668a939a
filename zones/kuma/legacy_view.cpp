#include "zones/kuma/legacy_view.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "zones/kuma/virtual_outbound_match.hpp"
#include "zones/text/messages.hpp"

namespace meshdns::kuma {
namespace {

constexpr std::uint16_t kServicePort = 80;      // KUMA_DNS_SERVER_SERVICE_VIP_PORT
constexpr std::uint16_t kReservedPort = 49151;  // marks a pod without service

const std::string* find_tag(const Tags& tags, std::string_view key) {
  const auto found = tags.find(key);
  return found == tags.end() ? nullptr : &found->second;
}

// What a VirtualOutbound made passes on the tags of its parameters, and no others.
bool is_same(const Outbound& a, const Outbound& b) {
  if (a.made_by != b.made_by) {
    return false;
  }
  if (a.made_by == nullptr) {
    return a.claim.resource == b.claim.resource;
  }
  return std::ranges::all_of(a.made_by->parameters, [&](const VirtualOutbound::Parameter& parameter) {
    const std::string* of_a = find_tag(*a.tags, parameter.tag);
    const std::string* of_b = find_tag(*b.tags, parameter.tag);
    return of_a == of_b || (of_a != nullptr && of_b != nullptr && *of_a == *of_b);
  });
}

class ViewBuilder {
 public:
  ViewBuilder(const ResourcesOfMesh& mesh, const KumaOptions& options, MeshZone& zone, Claims& claims)
      : mesh_(mesh), options_(options), zone_(zone), claims_(claims) {}

  void add_dataplanes() {
    for (const auto& dataplane : mesh_.dataplanes) {
      for (const Inbound& inbound : dataplane->inbounds) {
        if (inbound.state != Inbound::State::Ignored && inbound.port != kReservedPort) {
          add_names_of(inbound.tags, "Dataplane", dataplane, inbound.where);
        }
      }
    }
  }

  void add_remote_services(const Listing<ZoneIngress>& ingresses) {
    for (const auto& ingress : ingresses) {
      if (ingress->zone.empty() || ingress->zone == options_.zone) {
        continue;
      }
      for (const AvailableService& service : ingress->available_services) {
        if (service.mesh == mesh_.name) {
          add_names_of(service.tags, "ZoneIngress", ingress, ingress->meta.where);
        }
      }
    }
  }

  void add_external_services() {
    for (const auto& external : mesh_.external_services) {
      const std::string* service = find_tag(external->tags, kServiceTag);
      const Tags& tags = view_.own_tags.emplace_back(
          service == nullptr ? Tags{} : Tags{{std::string(kServiceTag), *service}});
      add_names_of(tags, "ExternalService", external, external->meta.where);
      const ZoneClaim claim = claims_.claim("ExternalService", external, "networking.address");
      if (service != nullptr && options_.service_vips) {
        add(EntryType::Service, *service, {external->port, &tags, nullptr, claim}, IfTaken::KeepQuiet);
      }
      if (external->has_host_name && !IpAddress::parse(external->host)) {
        add(EntryType::Host, external->host, {external->port, &tags, nullptr, claim}, IfTaken::Report);
        hosts_.emplace_back(external->host, Outbound{kServicePort, &tags, nullptr, claim});
      }
    }
    // Port 80 is there for compatibility, where no resource claims it.
    for (const auto& [host, outbound] : hosts_) {
      add(EntryType::Host, host, outbound, IfTaken::KeepQuiet);
    }
  }

  void add_gateways(const Listing<MeshGateway>& gateways) {
    for (const auto& gateway : gateways) {
      const Tags& tags =
          gateway->selectors.empty() ? view_.own_tags.emplace_back() : gateway->selectors.front();
      for (const GatewayListener& listener : gateway->listeners) {
        if (!listener.is_cross_mesh) {
          continue;
        }
        const bool has_name = !listener.hostname.empty() && !listener.hostname.contains('*');
        const std::string host = has_name ? listener.hostname
                                          : fmt::format("internal.{}.{}.{}", gateway->meta.name,
                                                        gateway->meta.mesh, options_.domain);
        add(EntryType::Fqdn, host,
            {listener.port, &tags, nullptr, claims_.claim("MeshGateway", gateway, "crossMesh listener")},
            IfTaken::Report);
      }
    }
  }

  LegacyView finish() && {
    for (const auto& [policy, skipped] : skipped_) {
      text::warn(zone_, skipped.where,
                 fmt::format("{}: sets of tags that make no name: {}; of the first one {}",
                             zone_.origins[skipped.rule], skipped.count, skipped.why));
    }
    std::ranges::sort(view_.entries, {}, [](const Entry& entry) {
      return std::pair<EntryType, const std::string&>(entry.type, entry.name);
    });
    return std::move(view_);
  }

 private:
  enum class IfTaken : std::uint8_t { Report, KeepQuiet };

  struct Skipped {
    std::size_t count = 0;
    std::uint32_t rule = 0;
    ZoneLocation where;
    std::string why;
  };

  template <class Resource>
  void add_names_of(const Tags& tags, std::string_view kind, const Placed<Resource>& placed,
                    const ZoneLocation& where) {
    if (const std::string* service = find_tag(tags, kServiceTag); service && options_.service_vips) {
      add(EntryType::Service, *service,
          {kServicePort, &tags, nullptr, claims_.claim(kind, placed, kServiceTag, where)},
          IfTaken::KeepQuiet);
    }
    for (const Placed<VirtualOutbound>& policy : match(mesh_.virtual_outbounds, tags)) {
      const ZoneClaim claim = claims_.claim(kind, placed, "VirtualOutbound " + policy->meta.name, where);
      if (auto made = evaluate(*policy, tags)) {
        add(EntryType::Fqdn, made->host, {made->port, &tags, policy.resource, claim}, IfTaken::Report);
      } else {
        Skipped& skipped = skipped_[policy->meta.name];
        if (skipped.count++ == 0) {
          skipped = {1, claim.rule, claim.where, std::move(made.error())};
        }
      }
    }
  }

  void add(EntryType type, const std::string& name, Outbound outbound, IfTaken if_taken) {
    const auto [place, is_new] =
        places_[static_cast<std::size_t>(type)].try_emplace(name, view_.entries.size());
    if (is_new) {
      view_.entries.push_back({type, name, {outbound}, outbound.claim});
      return;
    }
    auto& outbounds = view_.entries[place->second].outbounds;
    const auto at = std::ranges::lower_bound(outbounds, outbound.port, {}, &Outbound::port);
    if (at == outbounds.end() || at->port != outbound.port) {
      outbounds.insert(at, outbound);
    } else if (if_taken == IfTaken::Report && !is_same(*at, outbound)) {
      claims_.conflict(name, fmt::format("same port {}", outbound.port), at->claim, outbound.claim);
    }
  }

  const ResourcesOfMesh& mesh_;
  const KumaOptions& options_;
  MeshZone& zone_;
  Claims& claims_;
  LegacyView view_;
  std::unordered_map<std::string, std::size_t> places_[3];  // of EntryType: name -> index of the entry
  std::vector<std::pair<std::string, Outbound>> hosts_;
  std::map<std::string, Skipped> skipped_;  // by VirtualOutbound
};

}  // namespace

std::string_view Outbound::service() const {
  const std::string* service = find_tag(*tags, kServiceTag);
  return service == nullptr ? std::string_view() : *service;
}

std::string Entry::owner() const {
  return fmt::format("{}:{}", static_cast<int>(type), name);
}

LegacyView make_legacy_view(const ResourcesOfMesh& mesh, const AllResources& all, const KumaOptions& options,
                            MeshZone& zone, Claims& claims) {
  ViewBuilder builder(mesh, options, zone, claims);
  builder.add_dataplanes();
  builder.add_remote_services(all.zone_ingresses);
  builder.add_external_services();
  builder.add_gateways(all.gateways);
  return std::move(builder).finish();
}

}  // namespace meshdns::kuma
