#include "dns/app/zone_table.hpp"

#include <iterator>

#include <fmt/format.h>

#include "dns/app/text_table.hpp"
#include "dns/app/zone_rows.hpp"
#include "dns/app/zone_vips.hpp"

namespace meshdns::app {
namespace {

std::string suffixes_text(const std::vector<DomainName>& suffixes) {
  std::string text;
  for (const DomainName& suffix : suffixes) {
    text += " " + suffix.to_string();
  }
  return text;
}

std::string summary(const MeshZone& zone) {
  return fmt::format("{} name{}; owns{}{}{}\n", zone.records.size(), zone.records.size() == 1 ? "" : "s",
                     zone.owns.empty() ? " no suffix" : suffixes_text(zone.owns),
                     zone.overlays.empty() ? "" : ", but not", suffixes_text(zone.overlays));
}

std::string conflicts_text(const MeshZone& zone) {
  if (zone.conflict_count == 0) {
    return {};
  }
  const bool are_all = zone.conflict_count == zone.conflicts.size();
  std::string text =
      fmt::format("\n{} conflict{}{}:\n", zone.conflict_count, zone.conflict_count == 1 ? "" : "s",
                  are_all ? "" : fmt::format(", of which {} are listed", zone.conflicts.size()));
  for (const ZoneConflict& conflict : zone.conflicts) {
    fmt::format_to(std::back_inserter(text), "  {}\n    kept     {}\n    dropped  {}\n    because  {}\n",
                   printable(conflict.name), claim_text(zone, conflict.kept),
                   claim_text(zone, conflict.dropped), printable(conflict.why));
  }
  return text;
}

}  // namespace

std::string zone_table(const MeshZone& zone) {
  std::string text;
  if (!zone.records.empty()) {
    TextTable table({"NAME", "ADDRESSES", "PORTS", "MODE", "ORIGIN", "WRITTEN"});
    for (const ZoneRow& row : rows_by_name(zone)) {
      const ZoneRecord& record = *row.record;
      table.add({row.name, record.addresses.empty() ? "none" : addresses_text(record.addresses),
                 ports_text(record.ports), std::string(row.mode()),
                 origin_text(zone, record.resource, record.rule), place_text(zone, record.where)});
    }
    text = table.text() + "\n";
  }
  text += summary(zone) + conflicts_text(zone);
  const std::string left_out = left_out_text(zone, "  ");
  return text + (left_out.empty() ? "" : "\nleft out, because all virtual IPs are taken:\n" + left_out);
}

std::string left_out_text(const MeshZone& zone, std::string_view indent) {
  std::string text;
  for (const VipUsage& usage : zone.vips) {
    if (usage.left_out != 0) {
      fmt::format_to(std::back_inserter(text), "{}{} name{} of {}\n", indent, usage.left_out,
                     usage.left_out == 1 ? "" : "s", range_text(usage));
    }
  }
  return text;
}

}  // namespace meshdns::app
