#include "tests/netns/install_on.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace meshdns::testing {

void InstallOn::SetUp() {
  RedirectFixture::SetUp();
  if (IsSkipped()) {
    return;
  }
  if (const auto reason = GetParam().unavailable()) {
    GTEST_SKIP() << *reason;
  }
}

std::vector<std::string> InstallOn::install_words(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"install",
                                    "transparent-proxy",
                                    "--kuma-dp-user",
                                    std::to_string(kKumaDp),
                                    "--redirect-all-dns-traffic",
                                    "--sleep-between-retries=1ms"};
  const std::vector<std::string> backend = GetParam().flags();
  words.insert(words.end(), backend.begin(), backend.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

void InstallOn::install_all(const std::vector<std::string>& more) const {
  const Finished run = redirect(install_words(more));
  ASSERT_EQ(run.exit_code, 0) << run.err;
}

Finished InstallOn::uninstall(const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"uninstall"};
  const std::vector<std::string> programs = GetParam().program_flags();
  words.insert(words.end(), programs.begin(), programs.end());
  words.insert(words.end(), more.begin(), more.end());
  return redirect(words);
}

std::vector<std::string> InstallOn::command(std::vector<std::string> words) const {
  words.insert(words.begin(), MESHDNS_REDIRECT_BINARY);
  words.insert(words.end(), {"--state-dir", folder().path() + "/state", "--firewalld-dir", folder().path()});
  return words;
}

void InstallOn::add_rule_of_others(const std::string& place, const std::string& port) {
  if (GetParam().is_iptables()) {
    for (const char* family : {"iptables", "ip6tables"}) {
      run_script(fmt::format("{}-{} -t nat -{} OUTPUT -p tcp --dport {} -j ACCEPT", family, GetParam().suffix,
                             place, port));
    }
  } else {
    nft(
        fmt::format("add table ip others\nadd chain ip others out {{ type nat hook output priority -100; }}\n"
                    "add rule ip others out tcp dport {} accept\n",
                    port));
  }
}

std::vector<std::string> InstallOn::with_restore(const std::string& family, const std::string& path) {
  std::string programs = GetParam().program_flags()[1];
  const std::string good = fmt::format("{0}-restore:/usr/sbin/{0}-{1}-restore", family, GetParam().suffix);
  programs.replace(programs.find("," + good) + 1, good.size(), fmt::format("{}-restore:{}", family, path));
  return {"--iptables-executables", programs};
}

std::string InstallOn::fake_restore(const std::string& family, const std::string& script) const {
  const std::string real = fmt::format("/usr/sbin/{}-{}-restore", family, GetParam().suffix);
  std::string path = folder().file(family + "-restore", fmt::format("#!/bin/sh\n"
                                                                    "real={0}\n"
                                                                    "input=$(cat)\n"
                                                                    "{1}\n"
                                                                    "echo \"$input\" | $real --noflush\n",
                                                                    real, script));
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  return path;
}

}  // namespace meshdns::testing
