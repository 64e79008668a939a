#include "dns/app/zone_rows.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace meshdns::app {
namespace {

// Labels of the longest suffix that covers `name`, plus one; 0 if none does.
std::size_t covering_labels(const std::vector<DomainName>& suffixes, const DomainName& name) {
  std::size_t labels = 0;
  for (const DomainName& suffix : suffixes) {
    if (name.is_at_or_below(suffix)) {
      labels = std::max(labels, suffix.label_count() + 1);
    }
  }
  return labels;
}

}  // namespace

std::vector<ZoneRow> rows_by_name(const MeshZone& zone) {
  std::vector<ZoneRow> rows;
  rows.reserve(zone.records.size());
  for (const ZoneRecord& record : zone.records) {
    rows.push_back({record.name.to_string(), &record, is_strict(zone, record)});
  }
  std::ranges::sort(rows, {}, &ZoneRow::name);
  return rows;
}

bool is_strict(const MeshZone& zone, const ZoneRecord& record) {
  if (record.mode != NameMode::BySuffix) {
    return record.mode == NameMode::Strict;
  }
  return covering_labels(zone.owns, record.name) > covering_labels(zone.overlays, record.name);
}

std::string origin_text(const MeshZone& zone, std::uint32_t resource, std::uint32_t rule) {
  const std::string& made_by = zone.origins[resource];
  const std::string& because_of = zone.origins[rule];
  if (made_by.empty() && because_of.empty()) {
    return "plain record";
  }
  return printable(made_by + (made_by.empty() || because_of.empty() ? "" : ", ") + because_of);
}

std::string_view file_text(const MeshZone& zone, const ZoneLocation& where) {
  return where.file < zone.files.size() ? std::string_view(zone.files[where.file]) : "";
}

std::string place_text(const MeshZone& zone, const ZoneLocation& where) {
  return printable(fmt::format("{}:{}", file_text(zone, where), where.line));
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

std::string printable(std::string_view text) {
  constexpr char kDelete = 0x7f;
  std::string result(text);
  std::ranges::replace_if(
      result, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == kDelete; }, '?');
  return result;
}

}  // namespace meshdns::app
