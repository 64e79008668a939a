// A mesh zone as a file of plain records: what was computed once can be looked at, kept and served.
#pragma once

#include <string>

#include <meshdns/zone.hpp>

namespace meshdns::app {

// The format of zones/README.md. Where a name comes from stands in a comment next to it.
std::string zone_yaml(const MeshZone& zone);

}  // namespace meshdns::app
