#include "dns/inspect/zone_words.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace meshdns::inspect {
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

std::string claim_text(const MeshZone& zone, const ZoneClaim& claim) {
  return fmt::format("{} ({})", origin_text(zone, claim.resource, claim.rule), place_text(zone, claim.where));
}

std::string range_text(const VipUsage& usage) {
  return fmt::format("{} ({}{}{})", usage.range.to_string(), usage.purpose,
                     usage.mesh.empty() ? "" : ", mesh ", printable(usage.mesh));
}

std::string printable(std::string_view text) {
  constexpr char kDelete = 0x7f;
  std::string result(text);
  std::ranges::replace_if(
      result, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == kDelete; }, '?');
  return result;
}

}  // namespace meshdns::inspect
