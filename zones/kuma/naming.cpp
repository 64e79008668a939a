#include "zones/kuma/naming.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <iterator>
#include <unordered_map>

#include <fmt/format.h>

#include "zones/kuma/claims.hpp"
#include "zones/kuma/generated_services.hpp"
#include "zones/kuma/hostname_generators.hpp"
#include "zones/kuma/legacy_view.hpp"
#include "zones/kuma/owned_suffixes.hpp"
#include "zones/kuma/reachability.hpp"
#include "zones/text/messages.hpp"
#include "zones/text/zone_text.hpp"

namespace meshdns::kuma {
namespace {

IpAddress ipv6_mapped(const IpAddress& ipv4) {
  IpAddress mapped{.octets = {}, .is_v6 = true};
  mapped.octets[10] = mapped.octets[11] = 0xff;
  std::ranges::copy(ipv4.bytes(), mapped.octets.begin() + 12);
  return mapped;
}

// The records, and who has which name.
class RecordSet {
 public:
  RecordSet(MeshZone& zone, Claims& claims, std::uint32_t ttl_seconds)
      : zone_(zone), claims_(claims), ttl_seconds_(ttl_seconds) {}

  // What follows is of another mesh.
  void begin_mesh() { mesh_start_ = zone_.records.size(); }

  // The later one of two with the same name has it.
  void add(std::string_view name, std::vector<IpAddress> addresses, std::vector<ZonePort> ports,
           const ZoneClaim& claim) {
    auto parsed = text::parse_record_name(name);
    if (!parsed || parsed->is_wildcard()) {
      zone_.only_published.insert_or_assign(std::string(name), std::move(addresses));
      text::warn(zone_, claim.where,
                 fmt::format("{} is left out: {}", text::quote(name),
                             parsed ? "a wildcard is not a host name" : parsed.error()));
      return;
    }
    ZoneRecord record{.name = *std::move(parsed),
                      .addresses = std::move(addresses),
                      .ports = std::move(ports),
                      .ttl_seconds = ttl_seconds_,
                      .resource = claim.resource,
                      .rule = claim.rule,
                      .where = claim.where};
    const auto octets = record.name.wire();
    const auto [place, is_new] = places_.try_emplace(std::string(octets.begin(), octets.end()),
                                                     static_cast<std::uint32_t>(zone_.records.size()));
    if (is_new) {
      spell(record, name);
      zone_.records.push_back(std::move(record));
      return;
    }
    ZoneRecord& earlier = zone_.records[place->second];
    // A gateway that is seen from several meshes has an address in each.
    const bool is_same_in_other_mesh =
        earlier.resource == record.resource && earlier.rule == record.rule && place->second < mesh_start_;
    if (earlier.addresses != record.addresses && !is_same_in_other_mesh) {
      claims_.conflict(name, "same host name", claim, {earlier.resource, earlier.rule, earlier.where});
    }
    if (const std::string spelled = zone_.spelling_of(earlier.name); spelled != name) {
      zone_.only_published.insert_or_assign(spelled, std::move(earlier.addresses));
    }
    spell(record, name);
    earlier = std::move(record);
  }

 private:
  // Kuma publishes names as they are written, and takes two spellings for two names.
  void spell(const ZoneRecord& record, std::string_view name) {
    zone_.only_published.erase(std::string(name));
    if (name.ends_with('.') || std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; })) {
      zone_.spellings.insert_or_assign(record.name, std::string(name));
    } else {
      zone_.spellings.erase(record.name);
    }
  }

  MeshZone& zone_;
  Claims& claims_;
  std::uint32_t ttl_seconds_;
  std::size_t mesh_start_ = 0;  // index of the first record
  std::unordered_map<std::string, std::uint32_t> places_;
};

class Deriving {
 public:
  Deriving(AllResources all, const KumaOptions& options, std::uint32_t ttl_seconds, const KeptVips& before,
           MeshZone& zone)
      : all_(std::move(all)),
        options_(options),
        before_(before),
        zone_(zone),
        claims_(zone),
        records_(zone, claims_, ttl_seconds) {}

  Result<Naming> run(std::span<const IpAddress> of_records) {
    if (auto fits = check_ranges(options_); !fits) {
      return std::unexpected(std::move(fits.error()));
    }
    if (auto chosen = choose_meshes(); !chosen) {
      return std::unexpected(std::move(chosen.error()));
    }
    warn_of_bad_templates(all_.generators, zone_);
    const auto generators = generators_in_force(all_.generators, options_.default_generators);
    Listing<Backend> backends;
    for (auto& [name, mesh] : all_.meshes) {
      add_generated_services(mesh, options_.zone, generated_);
      std::ranges::copy(mesh.backends, std::back_inserter(backends));
    }
    VipLoad vips(before_, options_, backends, of_records, zone_);
    unsigned meshes_with_names = 0;
    for (const ResourcesOfMesh* mesh : meshes_) {
      const std::size_t before = zone_.records.size();
      records_.begin_mesh();
      if (auto done = add_mesh(*mesh, generators, vips); !done) {
        return std::unexpected(std::move(done.error()));
      }
      meshes_with_names += zone_.records.size() > before ? 1 : 0;
    }
    if (meshes_with_names > 1) {
      zone_.warnings.push_back(
          "the resources belong to several meshes, which may use the same addresses for different services; "
          "choose one with 'mesh NAME' or 'dataplane NAME'");
    }
    std::ranges::stable_sort(zone_.conflicts, {}, &ZoneConflict::name);
    Naming naming{.vips = std::move(vips).finish(), .owns = owned_suffixes(generators, options_, zone_)};
    keep_other_meshes(naming.vips.state);
    return naming;
  }

 private:
  Result<void> choose_meshes() {
    std::string mesh_name = options_.mesh;
    if (!options_.dataplane.empty()) {
      if (auto found = find_dataplane(); !found) {
        return found;
      }
      mesh_name = dataplane_->meta.mesh;
    }
    for (auto& [name, mesh] : all_.meshes) {
      if (mesh_name.empty() || name == mesh_name) {
        meshes_.push_back(&mesh);
      }
    }
    if (!mesh_name.empty() && meshes_.empty()) {
      zone_.warnings.push_back(fmt::format("no resource belongs to mesh {}", text::quote(mesh_name)));
    }
    return {};
  }

  Result<void> find_dataplane() {
    for (const auto& [name, mesh] : all_.meshes) {
      if (!options_.mesh.empty() && name != options_.mesh) {
        continue;
      }
      for (const auto& dataplane : mesh.dataplanes) {
        if (dataplane->meta.name != options_.dataplane) {
          continue;
        }
        if (dataplane_ != nullptr) {
          return fail(
              Errc::InvalidZone,
              fmt::format("Dataplane {} is in mesh {} and in mesh {}, expected the mesh to be named too",
                          text::quote(options_.dataplane), text::quote(dataplane_->meta.mesh),
                          text::quote(name)));
        }
        dataplane_ = dataplane.resource;
        reachability_ = Reachability(*dataplane, mesh.mesh_services, options_.zone);
        if (!reachability_.has_dns()) {
          text::warn(zone_, in_file(dataplane->meta.where, dataplane.file),
                     fmt::format("Dataplane {} has no networking.transparentProxying, so it sees no names",
                                 text::quote(options_.dataplane)));
        }
      }
    }
    if (dataplane_ == nullptr) {
      return fail(Errc::InvalidZone,
                  fmt::format("no Dataplane {} in the resources{}", text::quote(options_.dataplane),
                              options_.mesh.empty() ? "" : " of mesh " + options_.mesh));
    }
    return {};
  }

  Result<void> add_mesh(const ResourcesOfMesh& mesh, const Listing<HostnameGenerator>& generators,
                        VipLoad& vips) {
    if (mesh.mesh_services != Mesh::MeshServices::Exclusive) {
      if (auto done = add_legacy(mesh, vips); !done) {
        return done;
      }
    }
    for (const BackendNames& named : name_backends(mesh.backends, generators, options_, zone_, claims_)) {
      const Backend& backend = *named.backend;
      const vips::Addresses addresses = vips.addresses_of(backend);
      if (addresses.empty()) {
        if (!named.names.empty()) {
          text::warn(zone_, in_file(backend.meta.where, named.backend.file),
                     fmt::format("{} {} has no virtual IP, so {} is left out", kind_text(backend.kind),
                                 backend.meta.name, named.names.front().hostname));
        }
        continue;
      }
      if (!reachability_.sees(backend, addresses.front())) {
        continue;
      }
      std::vector<ZonePort> ports;
      for (const BackendPort& port : backend.ports) {
        ports.push_back({.number = port.number, .name = port_name(port.name)});
      }
      for (const auto& [hostname, claim] : named.names) {
        records_.add(hostname, published(addresses), ports, claim);
      }
    }
    return {};
  }

  Result<void> add_legacy(const ResourcesOfMesh& mesh, VipLoad& vips) {
    const LegacyView view = make_legacy_view(mesh, all_, options_, zone_, claims_);
    const auto addresses = vips.allocate(mesh, view);
    if (!addresses) {
      return std::unexpected(addresses.error());
    }
    for (std::size_t i = 0; i < view.entries.size(); ++i) {
      const Entry& entry = view.entries[i];
      if (!reachability_.sees(entry)) {
        continue;
      }
      if ((*addresses)[i].empty()) {
        text::warn(zone_, entry.claim.where,
                   fmt::format("{} is left out, because no virtual IP is free", text::quote(entry.name)));
        continue;
      }
      std::vector<ZonePort> ports;
      for (const Outbound& outbound : entry.outbounds) {
        ports.push_back({.number = outbound.port});
      }
      if (entry.type != EntryType::Service) {
        records_.add(entry.name, published((*addresses)[i]), std::move(ports), entry.claim);
        continue;
      }
      records_.add(fmt::format("{}.{}", entry.name, options_.domain), published((*addresses)[i]), ports,
                   entry.claim);
      if (entry.name.contains('_')) {
        std::string dotted = entry.name;
        std::ranges::replace(dotted, '_', '.');
        records_.add(fmt::format("{}.{}", dotted, options_.domain), published((*addresses)[i]),
                     std::move(ports), entry.claim);
      }
    }
    return {};
  }

  std::vector<IpAddress> published(const vips::Addresses& vips) const {
    std::vector<IpAddress> addresses(vips.begin(), vips.end());
    if (options_.ipv6_mapped && !reachability_.is_ipv4_only()) {
      for (const IpAddress& vip : vips) {
        if (!vip.is_v6) {
          addresses.push_back(ipv6_mapped(vip));
        }
      }
    }
    return addresses;
  }

  // SRV cannot say every name that Kuma lets a port have.
  static std::string port_name(const std::string& name) { return text::parse_port_name(name).value_or(""); }

  // Meshes that are not looked at this time keep what they have.
  void keep_other_meshes(vips::VipState& state) const {
    for (const auto& [name, allocations] : before_.state.legacy) {
      if (!all_.meshes.contains(name) ||
          std::ranges::none_of(meshes_, [&](const auto* mesh) { return mesh->name == name; })) {
        state.legacy.emplace(name, allocations);
      }
    }
  }

  AllResources all_;
  const KumaOptions& options_;
  const KeptVips& before_;
  MeshZone& zone_;
  Claims claims_;
  RecordSet records_;
  std::vector<ResourcesOfMesh*> meshes_;
  const Dataplane* dataplane_ = nullptr;
  Reachability reachability_;
  std::deque<Backend> generated_;
};

}  // namespace

Result<Naming> derive_names(std::span<const FileResources> files, std::span<const IpAddress> of_records,
                            const KumaOptions& options, std::uint32_t ttl_seconds, const KeptVips& before,
                            MeshZone& zone) {
  return Deriving(list_resources(files, zone), options, ttl_seconds, before, zone).run(of_records);
}

}  // namespace meshdns::kuma
