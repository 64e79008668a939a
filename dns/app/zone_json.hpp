// A mesh zone for programs.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <meshdns/zone.hpp>

#include "dns/app/zone_rows.hpp"

namespace meshdns::app {

// One record per line, so that line tools see it too. `title` says which zone it is; it may be empty.
std::string zone_json(const MeshZone& zone, std::string_view title);

// `"zone":"...",`, or nothing if there is no title.
std::string title_json(std::string_view title);

// An array with one value per line, for what may be long.
std::string lines_of_json(const boost::json::array& values);

}  // namespace meshdns::app
