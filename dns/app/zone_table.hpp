// A mesh zone for people to read.
#pragma once

#include <string>
#include <string_view>

#include <meshdns/zone.hpp>

namespace meshdns::app {

// Names, then conflicts, then what got no address.
std::string zone_table(const MeshZone& zone);

// One line for every full range.
std::string left_out_text(const MeshZone& zone, std::string_view indent);

}  // namespace meshdns::app
