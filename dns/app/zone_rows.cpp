#include "dns/app/zone_rows.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace meshdns::app {
std::vector<ZoneRow> rows_by_name(const MeshZone& zone) {
  std::vector<ZoneRow> rows;
  rows.reserve(zone.records.size());
  for (const ZoneRecord& record : zone.records) {
    rows.push_back({record.name.to_string(), &record, is_strict(zone, record)});
  }
  std::ranges::sort(rows, {}, &ZoneRow::name);
  return rows;
}

std::string addresses_text(const std::vector<IpAddress>& addresses) {
  std::string text;
  for (const IpAddress& address : addresses) {
    text += (text.empty() ? "" : ", ") + address.to_string();
  }
  return text;
}

std::string ports_text(const std::vector<ZonePort>& ports) {
  std::string text;
  for (const ZonePort& port : ports) {
    text += fmt::format("{}{}/{}{}{}", text.empty() ? "" : ", ", port.number, port.protocol,
                        port.name.empty() ? "" : " ", port.name);
  }
  return text;
}

}  // namespace meshdns::app
