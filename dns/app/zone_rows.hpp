// What every form of output needs of a mesh zone: its records in order of their names, and the texts of their
// parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meshdns/zone.hpp>

namespace meshdns::app {

struct ZoneRow {
  std::string name;  // without final dot
  const ZoneRecord* record = nullptr;
  bool is_strict = false;  // NameMode, decided

  std::string_view mode() const { return is_strict ? "strict" : "overlay"; }
};

// Sorted by name as Go sorts strings: octet by octet. The rows point into `zone`.
std::vector<ZoneRow> rows_by_name(const MeshZone& zone);

bool is_strict(const MeshZone& zone, const ZoneRecord& record);

// "Dataplane shop/cart-1, VirtualOutbound by-color"; "plain record".
std::string origin_text(const MeshZone& zone, std::uint32_t resource, std::uint32_t rule);

std::string_view file_text(const MeshZone& zone, const ZoneLocation& where);
std::string place_text(const MeshZone& zone, const ZoneLocation& where);  // "mesh.yaml:12"

std::string addresses_text(const std::vector<IpAddress>& addresses);  // comma list
std::string ports_text(const std::vector<ZonePort>& ports);           // "8080/tcp http, 5353/udp"

// Text of a file, for a terminal: control characters become question marks.
std::string printable(std::string_view text);

}  // namespace meshdns::app
