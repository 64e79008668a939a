// What is said of a mesh zone's records, conflicts and ranges, by commands and by a running server alike.
#pragma once

#include <string>
#include <string_view>

#include <meshdns/zone.hpp>

namespace meshdns::inspect {

bool is_strict(const MeshZone& zone, const ZoneRecord& record);  // NameMode, decided

// "Dataplane shop/cart-1, VirtualOutbound by-color"; "plain record".
std::string origin_text(const MeshZone& zone, std::uint32_t resource, std::uint32_t rule);

std::string_view file_text(const MeshZone& zone, const ZoneLocation& where);
std::string place_text(const MeshZone& zone, const ZoneLocation& where);  // "mesh.yaml:12"

// "Dataplane shop/cart-1, VirtualOutbound by-color (mesh.yaml:12)"
std::string claim_text(const MeshZone& zone, const ZoneClaim& claim);

// "240.0.0.0/4 (services and hosts, mesh shop)"
std::string range_text(const VipUsage& usage);

// Text of a file, for a terminal: control characters become question marks.
std::string printable(std::string_view text);

}  // namespace meshdns::inspect
