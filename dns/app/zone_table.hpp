// A mesh zone for people to read.
#pragma once

#include <string>
#include <string_view>

#include <meshdns/zone.hpp>

namespace meshdns::app {

// Names, then conflicts, then what got no address.
std::string zone_table(const MeshZone& zone);

// "Dataplane shop/cart-1, VirtualOutbound by-color (mesh.yaml:12)"
std::string claim_text(const MeshZone& zone, const ZoneClaim& claim);

// One line for every full range.
std::string left_out_text(const MeshZone& zone, std::string_view indent);

}  // namespace meshdns::app
