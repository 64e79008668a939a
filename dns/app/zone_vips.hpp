// Ranges of virtual IPs: how full they are, and which names have which address.
#pragma once

#include <string>

#include <boost/json/array.hpp>

#include <meshdns/zone.hpp>

namespace meshdns::app {

std::string vips_table(const MeshZone& zone);
std::string vips_json(const MeshZone& zone, std::string_view title);  // as zone_json()

boost::json::array vip_ranges_json(const MeshZone& zone);

// "3 used, 268435453 free": exact as long as a double is.
std::string usage_text(const VipUsage& usage);

}  // namespace meshdns::app
