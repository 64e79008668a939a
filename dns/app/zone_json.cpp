#include "dns/app/zone_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "dns/app/zone_vips.hpp"
#include "dns/inspect/record_json.hpp"

namespace meshdns::app {
namespace {

namespace json = boost::json;

json::array names_json(const std::vector<DomainName>& names) {
  json::array array;
  for (const DomainName& name : names) {
    array.emplace_back(name.to_string());
  }
  return array;
}

json::object claim_json(const MeshZone& zone, const ZoneClaim& claim) {
  return {{"resource", zone.origins[claim.resource]},
          {"rule", zone.origins[claim.rule]},
          {"file", file_text(zone, claim.where)},
          {"line", claim.where.line}};
}

json::array conflicts_json(const MeshZone& zone) {
  json::array array;
  for (const ZoneConflict& conflict : zone.conflicts) {
    array.push_back(json::object{{"name", conflict.name},
                                 {"why", conflict.why},
                                 {"kept", claim_json(zone, conflict.kept)},
                                 {"dropped", claim_json(zone, conflict.dropped)}});
  }
  return array;
}

}  // namespace

std::string zone_json(const MeshZone& zone, std::string_view title) {
  std::string text = "{" + title_json(title) + "\"owns\":" + json::serialize(names_json(zone.owns)) +
                     ",\"overlays\":" + json::serialize(names_json(zone.overlays)) + ",\n\"records\":[";
  std::string_view separator = "\n";
  for (const ZoneRow& row : rows_by_name(zone)) {
    text.append(separator).append(json::serialize(inspect::record_json(zone, *row.record)));
    separator = ",\n";
  }
  json::object labels;
  for (const auto& [key, value] : zone.extra_labels) {
    labels[key] = value;
  }
  return text + "\n],\n\"conflicts\":" + lines_of_json(conflicts_json(zone)) +
         ",\n\"conflictCount\":" + std::to_string(zone.conflict_count) +
         ",\n\"vips\":" + lines_of_json(vip_ranges_json(zone)) +
         ",\n\"extraLabels\":" + json::serialize(labels) + "}\n";
}

std::string title_json(std::string_view title) {
  return title.empty() ? "" : "\"zone\":" + json::serialize(json::string(title)) + ",\n";
}

std::string lines_of_json(const json::array& values) {
  std::string text = "[";
  for (const json::value& value : values) {
    text += (text.size() == 1 ? "\n" : ",\n") + json::serialize(value);
  }
  return text + (values.empty() ? "]" : "\n]");
}

}  // namespace meshdns::app
