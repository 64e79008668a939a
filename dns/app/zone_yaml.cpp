#include "dns/app/zone_yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include "dns/app/zone_rows.hpp"

namespace meshdns::app {
namespace {

// Always in quotes: YAML has many ways to read a name as something else.
void write_text(YAML::Emitter& out, const std::string& text) {
  out << YAML::DoubleQuoted << text;
}

void write_suffixes(YAML::Emitter& out, const char* key, const std::vector<DomainName>& suffixes) {
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const DomainName& suffix : suffixes) {
    write_text(out, suffix.to_string());
  }
  out << YAML::EndSeq;
}

void write_ports(YAML::Emitter& out, const std::vector<ZonePort>& ports) {
  out << YAML::Key << "ports" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const ZonePort& port : ports) {
    out << YAML::Flow << YAML::BeginMap << YAML::Key << "port" << YAML::Value << port.number;
    if (!port.name.empty()) {
      out << YAML::Key << "name" << YAML::Value;
      write_text(out, port.name);
    }
    out << YAML::Key << "protocol" << YAML::Value << port.protocol << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void write_record(YAML::Emitter& out, const MeshZone& zone, const ZoneRow& row) {
  const ZoneRecord& record = *row.record;
  out << YAML::BeginMap << YAML::Key << "name" << YAML::Value;
  write_text(out, row.name);
  out << YAML::Comment(fmt::format("{} ({})", origin_text(zone, record.resource, record.rule),
                                   place_text(zone, record.where)));
  out << YAML::Key << "ips" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const IpAddress& address : record.addresses) {
    write_text(out, address.to_string());
  }
  out << YAML::EndSeq;
  if (!record.ports.empty()) {
    write_ports(out, record.ports);
  }
  out << YAML::Key << "ttl" << YAML::Value << record.ttl_seconds;
  out << YAML::Key << "mode" << YAML::Value << std::string(row.mode()) << YAML::EndMap;
}

}  // namespace

std::string zone_yaml(const MeshZone& zone) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  write_suffixes(out, "owns", zone.owns);
  if (!zone.overlays.empty()) {
    write_suffixes(out, "overlays", zone.overlays);
  }
  if (!zone.extra_labels.empty()) {
    out << YAML::Key << "extraLabels" << YAML::Value << YAML::BeginMap;
    for (const auto& [key, value] : zone.extra_labels) {
      write_text(out << YAML::Key, key);
      write_text(out << YAML::Value, value);
    }
    out << YAML::EndMap;
  }
  out << YAML::Key << "records" << YAML::Value;
  out << (zone.records.empty() ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
  for (const ZoneRow& row : rows_by_name(zone)) {
    write_record(out, zone, row);
  }
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace meshdns::app
