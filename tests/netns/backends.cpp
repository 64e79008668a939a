#include "tests/netns/backends.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>
#include <sched.h>

#include "tests/redirect/run_program.hpp"

namespace meshdns::testing {

std::vector<std::string> Backend::program_flags() const {
  if (!is_iptables()) {
    return {};
  }
  std::string programs;
  for (const char* family : {"iptables", "ip6tables"}) {
    for (const char* kind : {"", "-save", "-restore"}) {
      programs +=
          fmt::format("{0}{1}{2}:/usr/sbin/{1}-{3}{2}", programs.empty() ? "" : ",", family, kind, suffix);
    }
  }
  return {"--iptables-executables", programs};
}

std::vector<std::string> Backend::flags() const {
  std::vector<std::string> all = {"--backend", is_iptables() ? "iptables" : "nftables"};
  const std::vector<std::string> programs = program_flags();
  all.insert(all.end(), programs.begin(), programs.end());
  return all;
}

std::string Backend::rules() const {
  if (!is_iptables()) {
    return run_program({"nft", "--stateless", "list", "ruleset"}).out;
  }
  std::string rules;
  for (const char* family : {"iptables", "ip6tables"}) {
    const std::string saved = run_program({fmt::format("{}-{}-save", family, suffix)}).out;
    std::string table;
    for (const auto part : std::views::split(saved, '\n')) {
      const std::string line(part.begin(), part.end());
      if (line.starts_with('*')) {
        table = line;
      } else if (line.starts_with("-A") || (line.starts_with(':') && line.contains(" - "))) {
        rules += fmt::format("{} {} {}\n", family, table, line);
      }
    }
  }
  return rules;
}

std::optional<std::string> Backend::unavailable() const {
  const Finished trial = run_program({is_iptables() ? "iptables-" + suffix : "nft",
                                      is_iptables() ? "-S" : "list", is_iptables() ? "OUTPUT" : "tables"},
                                     [] { return unshare(CLONE_NEWNET) == 0; });
  return trial.exit_code == 0 ? std::nullopt : std::optional("needs " + name + ": " + trial.err);
}

std::string name_of_backend(const ::testing::TestParamInfo<Backend>& tested) {
  std::string name = tested.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<Backend> iptables_backends() {
  return {{"iptables-nft", "nft"}, {"iptables-legacy", "legacy"}};
}

std::vector<Backend> all_backends() {
  std::vector<Backend> all = iptables_backends();
  all.insert(all.begin(), {"nftables", ""});
  return all;
}

}  // namespace meshdns::testing
