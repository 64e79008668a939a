// A record of a mesh zone for programs: one form for `meshdns zone show` and for /zone.
#pragma once

#include <boost/json/object.hpp>

#include <meshdns/zone.hpp>

namespace meshdns::inspect {

boost::json::object record_json(const MeshZone& zone, const ZoneRecord& record);

}  // namespace meshdns::inspect
