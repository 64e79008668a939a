#include "dns/inspect/record_json.hpp"

#include <boost/json/array.hpp>

#include "dns/inspect/zone_words.hpp"

namespace meshdns::inspect {

namespace json = boost::json;

json::object record_json(const MeshZone& zone, const ZoneRecord& record) {
  json::array addresses;
  for (const IpAddress& address : record.addresses) {
    addresses.emplace_back(address.to_string());
  }
  json::array ports;
  for (const ZonePort& port : record.ports) {
    ports.push_back(json::object{{"port", port.number}, {"name", port.name}, {"protocol", port.protocol}});
  }
  return {{"name", record.name.to_string()},
          {"addresses", std::move(addresses)},
          {"ports", std::move(ports)},
          {"ttl", record.ttl_seconds},
          {"mode", is_strict(zone, record) ? "strict" : "overlay"},
          {"resource", zone.origins[record.resource]},
          {"rule", zone.origins[record.rule]},
          {"file", file_text(zone, record.where)},
          {"line", record.where.line}};
}

}  // namespace meshdns::inspect
