// What every form of output needs of a mesh zone: its records in order of their names, and the texts of their
// parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meshdns/zone.hpp>

#include "dns/inspect/zone_words.hpp"

namespace meshdns::app {

using inspect::claim_text;
using inspect::file_text;
using inspect::is_strict;
using inspect::origin_text;
using inspect::place_text;
using inspect::printable;
using inspect::range_text;

struct ZoneRow {
  std::string name;  // without final dot
  const ZoneRecord* record = nullptr;
  bool is_strict = false;  // NameMode, decided

  std::string_view mode() const { return is_strict ? "strict" : "overlay"; }
};

// Sorted by name as Go sorts strings: octet by octet. The rows point into `zone`.
std::vector<ZoneRow> rows_by_name(const MeshZone& zone);

std::string addresses_text(const std::vector<IpAddress>& addresses);  // comma list
std::string ports_text(const std::vector<ZonePort>& ports);           // "8080/tcp http, 5353/udp"

}  // namespace meshdns::app
