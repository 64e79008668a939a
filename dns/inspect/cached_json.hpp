// One entry of a worker's cache for programs: for /cache, and for /explain of what is forwarded.
#pragma once

#include <boost/json/object.hpp>

#include "dns/inspect/inspector.hpp"

namespace meshdns::inspect {

boost::json::object cached_json(const CachedReply& cached);

}  // namespace meshdns::inspect
