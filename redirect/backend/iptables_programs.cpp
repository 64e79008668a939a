#include "redirect/backend/iptables_programs.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ranges>
#include <regex>

#include <fmt/format.h>
#include <unistd.h>

#include "redirect/backend/nftables_backend.hpp"
#include "redirect/host/run_command.hpp"
#include "redirect/plan/iptables_plan.hpp"

namespace meshdns::redirect {
namespace {

using Mode = IptablesPrograms::Mode;

std::string_view word(Mode mode) {
  return mode == Mode::Nft ? "nft" : "legacy";
}

std::string_view prefix(Family family) {
  return family == Family::Ipv6 ? "ip6tables" : "iptables";
}

std::vector<std::string> folders() {
  std::vector<std::string> found;
  if (const char* path = std::getenv("PATH")) {
    for (const auto part : std::views::split(std::string_view(path), ':')) {
      found.emplace_back(part.begin(), part.end());
    }
  }
  found.insert(found.end(), {"/usr/sbin", "/sbin", "/usr/bin", "/bin"});
  return found;
}

// A program that was killed has not answered: the question is put once more.
Result<CommandOutput> question(const std::vector<std::string>& command) {
  constexpr int kKilled = 128;
  auto output = run_command(command);
  return output && output->exit_code > kKilled ? run_command(command) : output;
}

std::optional<Mode> mode_of(const std::string& path) {
  const auto output = question({path, "--version"});
  return output ? iptables_mode(output->out + output->err) : std::nullopt;
}

// The first file of that name that is of the mode.
std::string find_program(const std::vector<std::string>& names, Mode mode) {
  for (const std::string& name : names) {
    for (const std::string& folder : folders()) {
      std::string path = folder + '/' + name;
      if (access(path.c_str(), X_OK) == 0 && mode_of(path) == mode) {
        return path;
      }
    }
  }
  return "";
}

std::optional<IptablesPrograms> find_programs(Family family, Mode mode) {
  const auto find = [&](std::string_view suffix) {
    return find_program({fmt::format("{}-{}{}", prefix(family), word(mode), suffix),
                         fmt::format("{}{}", prefix(family), suffix)},
                        mode);
  };
  IptablesPrograms found{.family = family, .mode = mode};
  found.iptables = find("");
  if (found.iptables.empty()) {
    return std::nullopt;
  }
  found.save = find("-save");
  found.restore = find("-restore");
  return found.save.empty() || found.restore.empty() ? std::nullopt : std::optional(found);
}

std::optional<IptablesPrograms> named_programs(Family family,
                                               const std::map<std::string, std::string>& named) {
  const auto path = [&](std::string_view suffix) {
    const auto found = named.find(fmt::format("{}{}", prefix(family), suffix));
    return found == named.end() ? "" : found->second;
  };
  IptablesPrograms programs{
      .family = family, .iptables = path(""), .save = path("-save"), .restore = path("-restore")};
  if (programs.iptables.empty()) {
    return std::nullopt;
  }
  programs.mode = mode_of(programs.iptables).value_or(Mode::Legacy);
  return programs;
}

bool succeeds(const std::vector<std::string>& command) {
  const auto output = question(command);
  return output && output->exit_code == 0;
}

IptablesFacts facts_of(const IptablesPrograms& programs) {
  const auto has_table = [&](const char* table) {
    return succeeds({programs.iptables, "-w", "-t", table, "-S"});
  };
  const auto has_module = [&](const char* module) {
    return succeeds({programs.iptables, "-m", module, "-h"});
  };
  IptablesFacts facts;
  facts.usable = has_table("nat") && has_module("tcp") && has_module("owner");
  if (facts.usable) {
    facts.raw_table = has_table("raw");
    facts.mangle_table = has_table("mangle");
    facts.conntrack = has_module("conntrack") && has_module("udp");
    facts.comments = has_module("comment");
    facts.multiport = has_module("multiport");
  }
  return facts;
}

struct Candidate {
  IptablesPrograms programs;
  bool has_rules = false;
  bool has_docker = false;
};

std::optional<Candidate> look_at(const IptablesPrograms& programs) {
  const Result<std::string> saved = save_iptables(programs);
  if (!saved) {
    return std::nullopt;
  }
  const IptablesRules rules = parse_iptables(*saved);
  const auto is_docker = [](const IptablesRules::Chain& chain) {
    return chain.table == "nat" && chain.name == kDockerChain;
  };
  return Candidate{programs, !rules.rules.empty() || !rules.chains.empty(),
                   std::ranges::any_of(rules.chains, is_docker)};
}

// The preferred one first. To ask what legacy can do loads its tables into the kernel, so that is left to the
// time when it is needed.
void sort_by_preference(std::vector<Candidate>& candidates, std::vector<std::string>& warnings) {
  if (candidates.size() < 2) {
    return;
  }
  const Candidate& nft = candidates[0];
  const Candidate& legacy = candidates[1];
  if (nft.has_rules && legacy.has_rules) {
    warnings.emplace_back("both iptables-nft and iptables-legacy have rules");
  }
  if (legacy.has_rules && (!nft.has_rules || (legacy.has_docker && !nft.has_docker))) {
    std::swap(candidates[0], candidates[1]);
  }
}

}  // namespace

std::string IptablesPrograms::name() const {
  return fmt::format("{}-{}", prefix(family), word(mode));
}

std::optional<Mode> iptables_mode(std::string_view version_text) {
  static const std::regex kVersion(R"(^ip6?tables[\w-]*? v\d+(\.\d+)*( \((\w+)\))?)");
  for (const auto part : std::views::split(version_text, '\n')) {
    const std::string line(part.begin(), part.end());
    if (std::smatch match; std::regex_search(line, match, kVersion)) {
      return match[3] == "nf_tables" ? Mode::Nft : Mode::Legacy;
    }
    if (line.contains("unrecognized option")) {
      return Mode::Legacy;
    }
  }
  return std::nullopt;
}

std::vector<IptablesPrograms> find_iptables(const std::map<std::string, std::string>& named) {
  std::vector<IptablesPrograms> found;
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    if (const auto programs = named_programs(family, named)) {
      found.push_back(*programs);
      continue;
    }
    for (const Mode mode : {Mode::Nft, Mode::Legacy}) {
      if (const auto programs = find_programs(family, mode)) {
        found.push_back(*programs);
      }
    }
  }
  return found;
}

Result<std::string> save_iptables(const IptablesPrograms& programs, bool with_counters) {
  if (programs.mode == Mode::Nft && !check_nftables()) {
    return "";
  }
  std::vector<std::string> command = {programs.save};
  if (with_counters) {
    command.emplace_back("-c");
  }
  const auto output = run_command(command);
  if (!output) {
    return std::unexpected(output.error());
  }
  if (output->exit_code != 0) {
    const bool is_denied = output->err.contains("Permission denied") || output->err.contains("not permitted");
    return fail(is_denied ? Errc::NotPermitted : Errc::Internal,
                fmt::format("{} failed: {}", programs.save, first_line(*output)));
  }
  return output->out;
}

Result<ChosenIptables> choose_iptables(const std::vector<IptablesPrograms>& found) {
  ChosenIptables chosen;
  std::vector<Candidate> candidates;
  for (const IptablesPrograms& programs : found) {
    if (programs.family == Family::Ipv4) {
      if (auto candidate = look_at(programs)) {
        candidates.push_back(*std::move(candidate));
      }
    }
  }
  sort_by_preference(candidates, chosen.warnings);
  const auto ipv4 = std::ranges::find_if(candidates, [&](const Candidate& candidate) {
    chosen.facts.ipv4 = facts_of(candidate.programs);
    return chosen.facts.ipv4.usable;
  });
  if (ipv4 == candidates.end()) {
    return fail(
        Errc::Unsupported,
        found.empty()
            ? "iptables is not installed: no iptables, iptables-save and iptables-restore of one "
              "kind in PATH or /usr/sbin"
            : "iptables does not work here: the table nat or one of the modules tcp, owner is missing");
  }
  chosen.ipv4 = ipv4->programs;
  chosen.facts.ipv4.docker_output = ipv4->has_docker;
  const auto same_mode = [&](const IptablesPrograms& programs) {
    return programs.family == Family::Ipv6 && programs.mode == ipv4->programs.mode;
  };
  const auto ipv6 = std::ranges::find_if(found, same_mode);
  chosen.facts.ipv6 = ipv6 == found.end() ? IptablesFacts{.usable = false} : facts_of(*ipv6);
  if (chosen.facts.ipv6.usable) {
    chosen.ipv6 = *ipv6;
    const auto candidate = look_at(*ipv6);
    chosen.facts.ipv6.docker_output = candidate && candidate->has_docker;
  }
  return chosen;
}

}  // namespace meshdns::redirect
