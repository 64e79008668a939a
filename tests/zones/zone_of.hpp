// ZoneOf: resources written in a test, and the names that come of them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <meshdns/zone_file.hpp>

namespace meshdns {

// Name -> addresses, separated by blanks.
using Names = std::map<std::string, std::string>;

inline Names names_of(const MeshZone& zone) {
  Names names;
  for (const ZoneRecord& record : zone.records) {
    std::string& text = names[record.name.to_string()];
    for (const IpAddress& address : record.addresses) {
      text += (text.empty() ? "" : " ") + address.to_string();
    }
  }
  return names;
}

inline MeshZone zone_of(std::string_view text, const KumaOptions& kuma = {}) {
  ZoneSource source;
  source.kuma = kuma;
  auto zone = parse_mesh_zone(text, "mesh.yaml", source);
  EXPECT_TRUE(zone) << zone.error().what;
  return zone ? std::move(*zone) : MeshZone{};
}

inline Names names_of(std::string_view text, const KumaOptions& kuma = {}) {
  return names_of(zone_of(text, kuma));
}

// "VirtualOutbound by-color made it of Dataplane shop/cart-1"
inline std::string origin_of(const MeshZone& zone, std::string_view name) {
  for (const ZoneRecord& record : zone.records) {
    if (record.name.to_string() == name) {
      return zone.origins[record.resource] + " | " + zone.origins[record.rule];
    }
  }
  return "no such name";
}

}  // namespace meshdns
