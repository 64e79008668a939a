#include "dns/app/zone_command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <system_error>

#include <fmt/format.h>

#include "dns/app/kuma_dns_json.hpp"
#include "dns/app/zone_diff.hpp"
#include "dns/app/zone_json.hpp"
#include "dns/app/zone_sources.hpp"
#include "dns/app/zone_table.hpp"
#include "dns/app/zone_vips.hpp"
#include "dns/app/zone_yaml.hpp"

namespace meshdns::app {
namespace {

constexpr int kDifferent = 1;
constexpr int kTrouble = 2;  // as diff has it

bool print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return true;
  }
  fmt::print(stderr, "standard output: {}\n", std::generic_category().message(errno));
  return false;
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    fmt::print(stderr, "warning: {}\n", warning);
  }
}

int fail_with(const std::string& fault, int code) {
  fmt::print(stderr, "{}\n", fault);
  return code;
}

// With a heading if there is a title, which only zones of a Corefile have.
std::string text_of(const ZoneCommandLine& asked, const LoadedZone& loaded) {
  const bool is_show = asked.action == ZoneAction::Show;
  const auto& [title, zone] = loaded;
  switch (asked.output) {
    case ZoneOutput::Json:
      return is_show ? zone_json(zone, title) : vips_json(zone, title);
    case ZoneOutput::Yaml:
      return (title.empty() ? "" : "---\n# " + title + "\n") + zone_yaml(zone);
    case ZoneOutput::DnsJson:
      return kuma_dns_json(zone);
    case ZoneOutput::Table:
      break;
  }
  return (title.empty() ? "" : title + "\n\n") + (is_show ? zone_table(zone) : vips_table(zone));
}

bool has_one_ttl(const MeshZone& zone) {
  return std::ranges::adjacent_find(zone.records, std::ranges::not_equal_to(), &ZoneRecord::ttl_seconds) ==
         zone.records.end();
}

int show(const CommandLine& command_line) {
  const ZoneCommandLine& asked = command_line.zone;
  std::vector<std::string> warnings;
  const auto zones = load_zones(command_line, warnings);
  if (zones && asked.output == ZoneOutput::DnsJson) {
    if (zones->size() != 1) {
      return fail_with(
          "dns-json is the document of one zone; the Corefile has several, name the paths of one", 1);
    }
    if (!has_one_ttl(zones->front().zone)) {
      warnings.emplace_back("the records have several ttls, the document has the smallest");
    }
  }
  print_warnings(warnings);
  if (!zones) {
    return fail_with(zones.error().what, 1);
  }
  std::string_view gap;
  for (const LoadedZone& loaded : *zones) {
    if (!print(std::string(gap) + text_of(asked, loaded))) {
      return 1;
    }
    gap = asked.output == ZoneOutput::Table ? "\n" : "";
  }
  return 0;
}

int diff(const ZoneCommandLine& asked) {
  const auto was = load_zone_of(asked.source.paths[0], asked.source);
  if (!was) {
    return fail_with(was.error().what, kTrouble);
  }
  const auto is = load_zone_of(asked.source.paths[1], asked.source);
  if (!is) {
    return fail_with(is.error().what, kTrouble);
  }
  print_warnings(was->warnings);
  print_warnings(is->warnings);
  const ZoneDiff difference = diff_zones(*was, *is);
  if (!print(asked.output == ZoneOutput::Json ? diff_json(difference) : diff_table(difference))) {
    return kTrouble;
  }
  return difference.is_empty() ? 0 : kDifferent;
}

}  // namespace

int zone_command(const CommandLine& command_line) {
  return command_line.zone.action == ZoneAction::Diff ? diff(command_line.zone) : show(command_line);
}

}  // namespace meshdns::app
