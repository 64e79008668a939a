#include "dns/app/zone_vips.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dns/app/text_table.hpp"
#include "dns/app/zone_json.hpp"
#include "dns/app/zone_rows.hpp"

namespace meshdns::app {
namespace {

namespace json = boost::json;

constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53

// Two meshes may give the same address to services of their own, hence the resource.
struct Allocation {
  IpAddress address;
  std::string resource;

  bool operator<(const Allocation& other) const {  // IPv4 first
    return std::tie(address.is_v6, address, resource) <
           std::tie(other.address.is_v6, other.address, other.resource);
  }
};

using Allocations = std::map<Allocation, std::vector<std::string>>;  // with the names

Allocations allocations_of(const MeshZone& zone) {
  Allocations allocations;
  for (const ZoneRow& row : rows_by_name(zone)) {
    for (const IpAddress& address : row.record->addresses) {
      if (std::ranges::any_of(zone.vips, [&](const auto& usage) { return usage.range.contains(address); })) {
        allocations[{address, zone.origins[row.record->resource]}].push_back(row.name);
      }
    }
  }
  return allocations;
}

double free_addresses(const VipUsage& usage) {
  return std::max(0.0, usage.range.size() - static_cast<double>(usage.used));
}

std::string count_text(double count) {
  return count <= kLargestExactInteger ? fmt::format("{:.0f}", count) : fmt::format("{:.3g}", count);
}

json::value count_json(double count) {
  return count <= kLargestExactInteger ? json::value(static_cast<std::uint64_t>(count)) : json::value(count);
}

}  // namespace

std::string vips_table(const MeshZone& zone) {
  if (zone.vips.empty()) {
    return "no ranges of virtual IPs: all addresses are written in the files\n";
  }
  TextTable ranges({"RANGE", "FOR", "MESH", "USED", "FREE", "LEFT OUT"});
  for (const VipUsage& usage : zone.vips) {
    ranges.add({usage.range.to_string(), usage.purpose, usage.mesh.empty() ? "all" : printable(usage.mesh),
                std::to_string(usage.used), count_text(free_addresses(usage)),
                std::to_string(usage.left_out)});
  }
  const Allocations allocations = allocations_of(zone);
  if (allocations.empty()) {
    return ranges.text();
  }
  TextTable table({"ADDRESS", "RESOURCE", "NAMES"});
  for (const auto& [key, names] : allocations) {
    table.add({key.address.to_string(), key.resource.empty() ? "plain record" : printable(key.resource),
               fmt::format("{}", fmt::join(names, ", "))});
  }
  return ranges.text() + "\n" + table.text();
}

std::string vips_json(const MeshZone& zone, std::string_view title) {
  json::array allocations;
  for (const auto& [key, names] : allocations_of(zone)) {
    allocations.push_back(json::object{{"address", key.address.to_string()},
                                       {"resource", key.resource},
                                       {"names", json::array(names.begin(), names.end())}});
  }
  return "{" + title_json(title) + "\"ranges\":" + lines_of_json(vip_ranges_json(zone)) +
         ",\n\"allocations\":" + lines_of_json(allocations) + "}\n";
}

json::array vip_ranges_json(const MeshZone& zone) {
  json::array array;
  for (const VipUsage& usage : zone.vips) {
    array.push_back(json::object{{"range", usage.range.to_string()},
                                 {"purpose", usage.purpose},
                                 {"mesh", usage.mesh},
                                 {"size", count_json(usage.range.size())},
                                 {"used", usage.used},
                                 {"free", count_json(free_addresses(usage))},
                                 {"leftOut", usage.left_out}});
  }
  return array;
}

std::string usage_text(const VipUsage& usage) {
  return fmt::format("{} used, {} free", usage.used, count_text(free_addresses(usage)));
}

}  // namespace meshdns::app
