#include "dns/app/zone_diff.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>
#include <tuple>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "dns/app/zone_json.hpp"
#include "dns/inspect/record_json.hpp"

namespace meshdns::app {
namespace {

namespace json = boost::json;

std::string sorted_text(std::vector<IpAddress> addresses) {
  std::ranges::sort(addresses, {}, [](const auto& address) { return std::pair(address.is_v6, address); });
  return addresses_text(addresses);
}

std::string sorted_text(std::vector<ZonePort> ports) {
  std::ranges::sort(ports, {},
                    [](const auto& port) { return std::tie(port.number, port.protocol, port.name); });
  return ports_text(ports);
}

std::vector<ChangedPart> changed_parts(const ZoneDiff& diff, const ZoneRow& was, const ZoneRow& is) {
  std::vector<ChangedPart> parts;
  const auto compare = [&](std::string_view part, std::string before, std::string after) {
    if (before != after) {
      parts.push_back({part, std::move(before), std::move(after)});
    }
  };
  const ZoneRecord& before = *was.record;
  const ZoneRecord& after = *is.record;
  compare("addresses", sorted_text(before.addresses), sorted_text(after.addresses));
  compare("ports", sorted_text(before.ports), sorted_text(after.ports));
  compare("ttl", std::to_string(before.ttl_seconds), std::to_string(after.ttl_seconds));
  compare("mode", std::string(was.mode()), std::string(is.mode()));
  compare("origin", origin_text(*diff.was, before.resource, before.rule),
          origin_text(*diff.is, after.resource, after.rule));
  return parts;
}

std::vector<std::string> suffix_texts(const MeshZone& zone) {
  std::vector<std::string> texts;
  for (const DomainName& suffix : zone.owns) {
    texts.push_back("owns " + suffix.to_string());
  }
  for (const DomainName& suffix : zone.overlays) {
    texts.push_back("overlay " + suffix.to_string());
  }
  std::ranges::sort(texts);
  return texts;
}

std::string plain_line(char sign, const ZoneRow& row) {
  const std::string addresses = addresses_text(row.record->addresses);
  return fmt::format("{} {}{}{}\n", sign, row.name, addresses.empty() ? "" : "  ", addresses);
}

std::string changed_lines(const ChangedName& name) {
  std::string text = fmt::format("~ {}\n", name.is.name);
  for (const auto& [part, was, is] : name.parts) {
    fmt::format_to(std::back_inserter(text), "    {:<9}  {} -> {}\n", part, was.empty() ? "none" : was,
                   is.empty() ? "none" : is);
  }
  return text;
}

json::array rows_json(const MeshZone& zone, const std::vector<ZoneRow>& rows) {
  json::array array;
  for (const ZoneRow& row : rows) {
    array.push_back(inspect::record_json(zone, *row.record));
  }
  return array;
}

json::array texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

ZoneDiff diff_zones(const MeshZone& was, const MeshZone& is) {
  ZoneDiff diff{.was = &was, .is = &is};
  const std::vector<std::string> old_suffixes = suffix_texts(was);
  const std::vector<std::string> new_suffixes = suffix_texts(is);
  std::ranges::set_difference(new_suffixes, old_suffixes, std::back_inserter(diff.suffixes_added));
  std::ranges::set_difference(old_suffixes, new_suffixes, std::back_inserter(diff.suffixes_removed));
  const std::vector<ZoneRow> before = rows_by_name(was);
  const std::vector<ZoneRow> after = rows_by_name(is);
  for (auto old = before.begin(), now = after.begin(); old != before.end() || now != after.end();) {
    if (now == after.end() || (old != before.end() && old->name < now->name)) {
      diff.removed.push_back(*old++);
    } else if (old == before.end() || now->name < old->name) {
      diff.added.push_back(*now++);
    } else {
      if (auto parts = changed_parts(diff, *old, *now); parts.empty()) {
        ++diff.same;
      } else {
        diff.changed.push_back({*old, *now, std::move(parts)});
      }
      ++old;
      ++now;
    }
  }
  return diff;
}

std::string diff_table(const ZoneDiff& diff) {
  std::string text;
  for (const std::string& suffix : diff.suffixes_removed) {
    text += fmt::format("- {}\n", suffix);
  }
  for (const std::string& suffix : diff.suffixes_added) {
    text += fmt::format("+ {}\n", suffix);
  }
  std::map<std::string_view, std::string> lines_of_name;
  for (const ZoneRow& row : diff.removed) {
    lines_of_name[row.name] = plain_line('-', row);
  }
  for (const ZoneRow& row : diff.added) {
    lines_of_name[row.name] = plain_line('+', row);
  }
  for (const ChangedName& name : diff.changed) {
    lines_of_name[name.is.name] = changed_lines(name);
  }
  for (const std::string& lines : lines_of_name | std::views::values) {
    text += lines;
  }
  return text + fmt::format("{} added, {} removed, {} changed, {} the same\n", diff.added.size(),
                            diff.removed.size(), diff.changed.size(), diff.same);
}

std::string diff_json(const ZoneDiff& diff) {
  json::array changed;
  for (const ChangedName& name : diff.changed) {
    json::array parts;
    for (const ChangedPart& part : name.parts) {
      parts.emplace_back(part.part);
    }
    changed.push_back(json::object{{"name", name.is.name},
                                   {"parts", std::move(parts)},
                                   {"old", inspect::record_json(*diff.was, *name.was.record)},
                                   {"new", inspect::record_json(*diff.is, *name.is.record)}});
  }
  return fmt::format(
      "{{\"added\":{},\n\"removed\":{},\n\"changed\":{},\n\"suffixesAdded\":{},\n\"suffixesRemoved\":{},"
      "\n\"same\":{}}}\n",
      lines_of_json(rows_json(*diff.is, diff.added)), lines_of_json(rows_json(*diff.was, diff.removed)),
      lines_of_json(changed), lines_of_json(texts_json(diff.suffixes_added)),
      lines_of_json(texts_json(diff.suffixes_removed)), diff.same);
}

}  // namespace meshdns::app
