// What is different when one mesh zone takes the place of another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meshdns/zone.hpp>

#include "dns/app/zone_rows.hpp"

namespace meshdns::app {

// A part of a record that is not what it was; for people.
struct ChangedPart {
  std::string_view part;  // "addresses", "ports", "ttl", "mode", "origin"
  std::string was;
  std::string is;
};

struct ChangedName {
  ZoneRow was;
  ZoneRow is;
  std::vector<ChangedPart> parts;
};

// Points into both zones. All lists are sorted. Not compared: the order of addresses and ports (answers have
// none) and where a name was written.
struct ZoneDiff {
  const MeshZone* was = nullptr;
  const MeshZone* is = nullptr;
  std::vector<ZoneRow> added;
  std::vector<ZoneRow> removed;
  std::vector<ChangedName> changed;
  std::size_t same = 0;
  std::vector<std::string> suffixes_added;  // "owns mesh", "overlay lab.mesh"
  std::vector<std::string> suffixes_removed;

  bool is_empty() const {
    return added.empty() && removed.empty() && changed.empty() && suffixes_added.empty() &&
           suffixes_removed.empty();
  }
};

ZoneDiff diff_zones(const MeshZone& was, const MeshZone& is);

std::string diff_table(const ZoneDiff& diff);
std::string diff_json(const ZoneDiff& diff);

}  // namespace meshdns::app
