#include "zones/kuma/dns_name.hpp"
#include "zones/kuma/read_kinds.hpp"

namespace meshdns::kuma {
namespace {

std::string read_hostname(const Field& field) {
  static constexpr std::string_view kExpected = "a host name in lower case, '*' or '*.' before one";
  const std::string& hostname = field.text(kExpected);
  const std::string_view name = std::string_view(hostname).substr(hostname.starts_with("*.") ? 2 : 0);
  if (!hostname.empty() && hostname != "*" && (hostname.size() > 253 || !is_rfc1123_subdomain(name))) {
    field.refuse(kExpected);
  }
  return hostname;
}

}  // namespace

MeshGateway read_mesh_gateway(Meta meta, const Field& content) {
  MeshGateway gateway{.meta = std::move(meta)};
  for (const Field& selector : content["selectors"].items()) {
    gateway.selectors.push_back(selector["match"].texts());
  }
  for (const Field& listener : content["conf"]["listeners"].items()) {
    gateway.listeners.push_back({.hostname = read_hostname(listener["hostname"]),
                                 .port = listener["port"].port(),
                                 .is_cross_mesh = listener["crossMesh"].flag()});
  }
  return gateway;
}

}  // namespace meshdns::kuma
