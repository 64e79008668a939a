// A mesh zone as the document that Kuma's control plane publishes for its proxies.
#pragma once

#include <string>

#include <meshdns/zone.hpp>

namespace meshdns::app {

// Byte for byte what Kuma 2.11 and later publish at `/dns` (pkg/xds/generator/dns_generator.go, written by
// encoding/json of Go 1.22 or later). Kuma keeps the case of names, which MeshZone does not have any more.
// The document has room for one TTL: the smallest of all records.
std::string kuma_dns_json(const MeshZone& zone);

}  // namespace meshdns::app
