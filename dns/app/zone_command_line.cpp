#include "dns/app/zone_command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::app {
namespace {

constexpr std::uint32_t kMaxTtlSeconds = 86400;

struct Word {
  std::string_view text;
  ZoneAction action;
  std::string_view outputs;  // as the usage shows them
  std::string_view usage;
};

constexpr std::array kWords = {
    Word{"show", ZoneAction::Show, "table|json|yaml|dns-json",
         "Usage of meshdns zone show: meshdns zone show [flags] [PATH...]\n"
         "Prints the names of mesh zones, their addresses and ports, what made them, and who lost a "
         "conflict.\n"
         "Without a PATH: the zones of the Corefile.\n"
         "  json      one document per zone, one record per line\n"
         "  yaml      a zone file of plain records, which can be served\n"
         "  dns-json  what Kuma's control plane publishes at `/dns`, byte for byte (see -ipv6-mapped)\n"},
    Word{"diff", ZoneAction::Diff, "table|json",
         "Usage of meshdns zone diff: meshdns zone diff [flags] OLD NEW\n"
         "Prints what NEW adds (+), removes (-) and changes (~). The flags hold for both.\n"
         "Exit code: 0 if both say the same, 1 if not, 2 if one of them cannot be read.\n"},
    Word{"vips", ZoneAction::Vips, "table|json",
         "Usage of meshdns zone vips: meshdns zone vips [flags] [PATH...]\n"
         "Prints how full the ranges of virtual IPs are, and which name has which address.\n"
         "Without a PATH: the zones of the Corefile.\n"},
};

constexpr std::string_view kUsage =
    "Usage of meshdns zone: meshdns zone show [flags] [PATH...]   names, addresses, ports, origins\n"
    "       meshdns zone diff [flags] OLD NEW     what a change of the files changes\n"
    "       meshdns zone vips [flags] [PATH...]   ranges of virtual IPs and their use\n"
    "       meshdns zone COMMAND -help\n"
    "PATH is a file, a folder (its *.yaml, *.yml and *.json), builtin:demo, or - for standard input.\n";

struct Draft {
  ZoneCommandLine result;
  const Word* word = nullptr;
  std::string needs_path;  // a flag that means nothing for the zones of a Corefile
};

using Setter = std::string (*)(Draft&, const std::string&);

std::string set_output(Draft& draft, const std::string& value) {
  constexpr std::array<std::pair<std::string_view, ZoneOutput>, 4> kOutputs = {
      {{"table", ZoneOutput::Table},
       {"json", ZoneOutput::Json},
       {"yaml", ZoneOutput::Yaml},
       {"dns-json", ZoneOutput::DnsJson}}};
  for (const auto offered : std::views::split(draft.word->outputs, '|')) {
    if (std::string_view(offered) == value) {
      draft.result.output =
          std::ranges::find(kOutputs, value, [](const auto& row) { return row.first; })->second;
      return {};
    }
  }
  return fmt::format("expected {}", draft.word->outputs);
}

std::string add_variables(Draft& draft, const std::string& value) {
  for (const auto part : std::views::split(value, ',')) {
    const std::string_view pair(part);
    const auto equals = pair.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return "expected NAME=VALUE[,NAME=VALUE...]";
    }
    draft.result.source.kuma.dataplane_vars[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
  }
  return {};
}

std::string set_domain(Draft& draft, const std::string& value) {
  const auto name = DomainName::parse(value);
  if (!name || name->is_root() || name->is_wildcard()) {
    return "expected a domain name";
  }
  draft.result.source.kuma.domain = name->to_string();
  return {};
}

template <auto Suffixes>
std::string add_suffix(Draft& draft, const std::string& value) {
  const auto name = DomainName::parse(value);
  if (!name || name->is_wildcard()) {
    return fmt::format("expected a domain name{}", name ? " without a wildcard" : ": " + name.error());
  }
  (draft.result.source.*Suffixes).push_back(*name);
  return {};
}

std::string set_preference(Draft& draft, const std::string& value) {
  draft.result.source.kuma.prefer_computed = value == "computed";
  return value == "computed" || value == "status" ? "" : "expected status or computed";
}

std::string set_range(Draft& draft, const std::string& value) {
  static constexpr std::array<std::pair<std::string_view, VipRanges KumaOptions::*>, 4> kKinds = {
      {{"service", &KumaOptions::service_range},
       {"mesh_service", &KumaOptions::mesh_service_range},
       {"mesh_external_service", &KumaOptions::mesh_external_service_range},
       {"mesh_multi_zone_service", &KumaOptions::mesh_multi_zone_service_range}}};
  const auto equals = value.find('=');
  const auto* const kind =
      std::ranges::find(kKinds, value.substr(0, equals), [](const auto& row) { return row.first; });
  if (equals == std::string::npos || kind == kKinds.end()) {
    return fmt::format("expected KIND=CIDR[,CIDR] with KIND one of {}",
                       fmt::join(kKinds | std::views::keys, ", "));
  }
  VipRanges ranges;
  for (const auto part : std::views::split(std::string_view(value).substr(equals + 1), ',')) {
    const auto range = IpRange::parse(std::string_view(part));
    if (!range) {
      return fmt::format("'{}' is no range, expected ADDRESS/PREFIX with no bits behind the prefix",
                         std::string_view(part));
    }
    auto& of_family = range->first.is_v6 ? ranges.ipv6 : ranges.ipv4;
    if (of_family) {
      return "expected at most one range of each family";
    }
    of_family = range;
  }
  draft.result.source.kuma.*(kind->second) = ranges;
  return {};
}

std::string set_ttl(Draft& draft, const std::string& value) {
  auto& ttl = draft.result.source.default_ttl_seconds;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), ttl);
  const bool is_good =
      failed == std::errc() && end == value.data() + value.size() && ttl >= 1 && ttl <= kMaxTtlSeconds;
  return is_good ? "" : fmt::format("expected seconds, 1..{}", kMaxTtlSeconds);
}

// The options of the directive `mesh`, which stand in the Corefile where that is read.
std::vector<Flag> source_flags(Draft& draft) {
  KumaOptions& kuma = draft.result.source.kuma;
  const auto to = [&draft](Setter set) {
    return [&draft, set](const std::string& value) { return set(draft, value); };
  };
  std::vector<Flag> flags = {
      {"mesh", "NAME", "only this mesh (default: all that the files have)", into(kuma.mesh)},
      {"dataplane", "NAME", "only what this Dataplane's transparentProxying lets it see",
       into(kuma.dataplane)},
      {"dataplane-var", "NAME=VALUE", "variable of Dataplane templates; repeatable, or a comma list",
       to(add_variables)},
      {"domain", "NAME", "domain of the names of services (default: mesh)", to(set_domain)},
      {"zone", "NAME", "name of the local zone (default: default)", into(kuma.zone)},
      {"service-vips", "", "names for kuma.io/service, unless -service-vips=false", into(kuma.service_vips)},
      {"default-generators", "",
       "the HostnameGenerators that Kuma creates by itself, unless -default-generators=false",
       into(kuma.default_generators)},
      {"prefer", "status|computed",
       "whether host names in a resource's status count, or are computed again (default: status)",
       to(set_preference)},
      {"ipv6-mapped", "", "adds ::ffff:a.b.c.d to IPv4 addresses, as Kuma does", into(kuma.ipv6_mapped)},
      {"cidr", "KIND=CIDR[,CIDR]",
       "range of virtual IPs, one of each family; KIND is service, mesh_service, mesh_external_service or "
       "mesh_multi_zone_service; repeatable",
       to(set_range)},
      {"state", "FILE", "virtual IPs allocated so far; it is read, never written", into(kuma.state_path)},
      {"owns", "SUFFIX", "suffix that belongs to the mesh; repeatable", to(add_suffix<&ZoneSource::owns>)},
      {"overlay", "SUFFIX", "suffix that is forwarded although it lies below an owned one; repeatable",
       to(add_suffix<&ZoneSource::overlays>)},
      {"ttl", "SECONDS", "time to live of records whose file gives none (default: 30)", to(set_ttl)},
  };
  for (Flag& flag : flags) {
    flag.set = [&draft, name = flag.name, set = std::move(flag.set)](const std::string& value) {
      draft.needs_path = name;
      return set(value);
    };
  }
  return flags;
}

FlagSet flags_of(Draft& draft) {
  std::vector<Flag> flags = {{"output", draft.word->outputs, "how to print it (default: table)",
                              [&draft](const std::string& value) { return set_output(draft, value); }}};
  if (draft.word->action != ZoneAction::Diff) {
    flags.push_back({"conf", "FILE",
                     "Corefile to load if there is no PATH; `stdin` reads standard input (default: "
                     "./Corefile, else a built-in one)",
                     into(draft.result.conf)});
  }
  std::ranges::move(source_flags(draft), std::back_inserter(flags));
  return {
      std::string(draft.word->usage) + "PATH is a file, a folder, builtin:demo, or - for standard input.\n",
      std::move(flags)};
}

// What is wrong with the words as a whole; empty if nothing is.
std::string fault_of(const Draft& draft) {
  const auto& paths = draft.result.source.paths;
  if (draft.result.action == ZoneAction::Diff && paths.size() != 2) {
    return "diff needs two paths, OLD and NEW";
  }
  if (paths.empty()) {
    return draft.needs_path.empty()
               ? ""
               : fmt::format("-{} needs a PATH; in a Corefile, `mesh` has this option", draft.needs_path);
  }
  if (!draft.result.conf.empty()) {
    return "-conf cannot be combined with a PATH";
  }
  if (std::ranges::find(paths, "") != paths.end()) {
    return "empty path, expected a file or folder";
  }
  const auto inputs = std::ranges::count(paths, kStandardInput);
  if (inputs > 1 || (inputs == 1 && paths.size() > 1 && draft.result.action != ZoneAction::Diff)) {
    return "- (standard input) can be given once, and with no other PATH";
  }
  return {};
}

}  // namespace

std::expected<ZoneCommandLine, EarlyExit> parse_zone_command_line(std::span<const char* const> arguments) {
  const std::string_view first = arguments.empty() ? "" : arguments.front();
  Draft draft;
  draft.word = std::ranges::find(kWords, first, &Word::text);
  if (draft.word == kWords.end()) {
    constexpr std::array<std::string_view, 4> kHelp = {"-h", "--h", "-help", "--help"};
    if (std::ranges::find(kHelp, first) != kHelp.end()) {
      return std::unexpected(EarlyExit{0, std::string(kUsage)});
    }
    return std::unexpected(EarlyExit{
        2,
        fmt::format("{}\n{}",
                    first.empty() ? "zone needs a command" : fmt::format("unknown command: zone {}", first),
                    kUsage)});
  }
  draft.result.action = draft.word->action;
  const FlagSet flags = flags_of(draft);
  auto words = flags.parse(arguments.subspan(1), true);
  if (!words) {
    return std::unexpected(std::move(words.error()));
  }
  draft.result.source.paths = std::move(*words);
  if (const std::string fault = fault_of(draft); !fault.empty()) {
    return flags.bad_usage(fault);
  }
  return std::move(draft.result);
}

}  // namespace meshdns::app
