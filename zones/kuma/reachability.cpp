#include "zones/kuma/reachability.hpp"

#include <algorithm>
#include <utility>

#include "zones/kuma/hostname_generators.hpp"
#include "zones/kuma/virtual_outbound_match.hpp"

namespace meshdns::kuma {
namespace {

std::string_view label(const Meta& meta, std::string_view key) {
  const auto found = meta.labels.find(key);
  return found == meta.labels.end() ? std::string_view() : std::string_view(found->second);
}

bool has_name(const Backend& backend, const BackendRef& ref, const Meta& asking) {
  const Meta& meta = backend.meta;
  if (ref.object_namespace.empty() && meta.name == ref.name) {
    return true;
  }
  // A ref without namespace means the one of the Dataplane that has it.
  const std::string& wanted = ref.object_namespace.empty() ? asking.object_namespace : ref.object_namespace;
  const std::string_view space =
      meta.object_namespace.empty() ? label(meta, "k8s.kuma.io/namespace") : meta.object_namespace;
  const std::string_view display_name = label(meta, "kuma.io/display-name");
  return space == wanted && (display_name.empty() ? meta.object_name : display_name) == ref.name;
}

bool refers_to(const BackendRef& ref, const Backend& backend, const Tags& labels, const Meta& asking) {
  if (ref.kind != kind_text(backend.kind)) {
    return false;
  }
  return ref.name.empty() ? selects(ref.labels, labels) : has_name(backend, ref, asking);
}

}  // namespace

Reachability::Reachability(const Dataplane& dataplane, Mesh::MeshServices mode, std::string local_zone)
    : dataplane_(&dataplane),
      local_zone_(std::move(local_zone)),
      has_dns_(dataplane.transparent_proxying.has_value()) {
  if (!has_dns_) {
    return;
  }
  const TransparentProxying& proxying = *dataplane.transparent_proxying;
  is_ipv4_only_ = proxying.is_ipv4_only;
  if (!proxying.reachable_services.empty()) {
    services_.emplace(proxying.reachable_services.begin(), proxying.reachable_services.end());
  }
  if (proxying.reachable_backends) {
    refs_ = &*proxying.reachable_backends;
  }
  sees_all_backends_ = refs_ == nullptr && !services_ && mode != Mesh::MeshServices::ReachableBackends;
}

bool Reachability::sees(const Entry& entry) const {
  return has_dns_ && (!services_ || std::ranges::any_of(entry.outbounds, [&](const Outbound& outbound) {
           return services_->contains(outbound.service());
         }));
}

bool Reachability::sees(const Backend& backend, const IpAddress& vip) const {
  if (!has_dns_) {
    return false;
  }
  if (dataplane_ == nullptr) {
    return true;
  }
  const auto is_own_inbound = [&](std::uint16_t port) {
    return std::ranges::any_of(dataplane_->inbounds, [&](const Inbound& inbound) {
      const auto own = inbound.address ? inbound.address : IpAddress::parse(dataplane_->address);
      return inbound.port == port && own == vip;
    });
  };
  const Tags labels = refs_ == nullptr ? Tags{} : complete_labels(backend, local_zone_);
  const auto sees_port = [&](std::uint16_t port) {
    return !is_own_inbound(port) &&
           (sees_all_backends_ ||
            (refs_ != nullptr && std::ranges::any_of(*refs_, [&](const BackendRef& ref) {
               return (!ref.port || *ref.port == port) && refers_to(ref, backend, labels, dataplane_->meta);
             })));
  };
  return std::ranges::any_of(backend.ports, [&](const BackendPort& port) { return sees_port(port.number); });
}

}  // namespace meshdns::kuma
