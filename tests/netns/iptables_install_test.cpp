// Installing and uninstalling on every backend: whole or not at all, ours only, nothing left.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/netns/backends.hpp"
#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class InstallOn : public RedirectFixture, public ::testing::WithParamInterface<Backend> {
 protected:
  void SetUp() override {
    RedirectFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    if (const auto reason = GetParam().unavailable()) {
      GTEST_SKIP() << *reason;
    }
  }

  static std::vector<std::string> install_words(const std::vector<std::string>& more = {}) {
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

  void install_all(const std::vector<std::string>& more = {}) const {
    const Finished run = redirect(install_words(more));
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }

  Finished uninstall(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"uninstall"};
    const std::vector<std::string> programs = GetParam().program_flags();
    words.insert(words.end(), programs.begin(), programs.end());
    words.insert(words.end(), more.begin(), more.end());
    return redirect(words);
  }

  static std::string rules() { return GetParam().rules(); }

  // Rules of others, before and after which ours stand.
  static void add_rule_of_others(const std::string& place, const std::string& port) {
    if (GetParam().is_iptables()) {
      for (const char* family : {"iptables", "ip6tables"}) {
        run_script(fmt::format("{}-{} -t nat -{} OUTPUT -p tcp --dport {} -j ACCEPT", family,
                               GetParam().suffix, place, port));
      }
    } else {
      nft(fmt::format(
          "add table ip others\nadd chain ip others out {{ type nat hook output priority -100; }}\n"
          "add rule ip others out tcp dport {} accept\n",
          port));
    }
  }
};

TEST_P(InstallOn, TenTimesLeavesOneSet) {
  install_all();
  const std::string once = rules();
  for (int time = 0; time < 9; ++time) {
    install_all();
  }
  EXPECT_EQ(rules(), once);
}

TEST_P(InstallOn, AndUninstallLeaveTheRulesOfOthersAsTheyWere) {
  add_rule_of_others("A", "1001");
  const std::string before = rules();
  install_all({"--drop-invalid-packets", "--iptables-logs", "--vnet", "br+:172.18.0.0/16"});
  EXPECT_NE(rules(), before);
  EXPECT_EQ(uninstall().exit_code, 0);
  EXPECT_EQ(rules(), before);
}

TEST_P(InstallOn, LeavesRulesOfOthersThatCameInBetween) {
  install_all();
  add_rule_of_others("A", "1002");
  add_rule_of_others("I", "1003");
  install_all({"--redirect-dns-port", "16053"});
  EXPECT_EQ(uninstall().exit_code, 0);
  const std::string left = rules();
  EXPECT_THAT(left,
              AllOf(HasSubstr("1002"), HasSubstr("1003"), Not(HasSubstr("16053")), Not(HasSubstr("KUMA"))));
}

TEST_P(InstallOn, LeavesNoTrace) {
  const std::string before = run_program({"nft", "list", "ruleset"}).out;
  install_all({"--drop-invalid-packets"});
  for (int time = 0; time < 2; ++time) {
    const Finished run = uninstall();
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out + run.err, IsEmpty());
  }
  EXPECT_THAT(rules(), IsEmpty());
  EXPECT_EQ(run_program({"nft", "list", "ruleset"}).out, before)
      << "tables of iptables-nft that we made go as well";
  EXPECT_THAT(run_program({"ip", "-6", "addr", "show", "dev", "lo"}).out, Not(HasSubstr("::6/128")));
}

TEST_P(InstallOn, WithoutCommentsIsReplacedAndRemovedAsWell) {
  if (!GetParam().is_iptables()) {
    GTEST_SKIP() << "rules of nftables always have comments";
  }
  add_rule_of_others("A", "1001");
  const std::string before = rules();
  install_all({"--disable-comments", "--iptables-logs"});
  const std::string once = rules();
  EXPECT_THAT(once, Not(HasSubstr("--comment")));
  install_all({"--disable-comments", "--iptables-logs"});
  EXPECT_EQ(rules(), once);
  EXPECT_EQ(uninstall().exit_code, 0);
  EXPECT_EQ(rules(), before);
}

TEST_P(InstallOn, ChangesNothingInADryRun) {
  const std::string before = run_program({"nft", "list", "ruleset"}).out;
  const Finished run = redirect(install_words({"--dry-run"}));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, GetParam().is_iptables()
                           ? AllOf(HasSubstr("### IPv4 ###\n\n* raw\n"),
                                   HasSubstr("COMMIT\n\n### IPv6 ###\n\n* raw\n"))
                           : AllOf(HasSubstr("table inet meshdns"), HasSubstr("mesh_outbound")));
  EXPECT_THAT(rules(), IsEmpty());
  EXPECT_EQ(run_program({"nft", "list", "ruleset"}).out, before);
  EXPECT_THAT(run_program({"ip", "-6", "addr", "show", "dev", "lo"}).out, Not(HasSubstr("::6/128")));
}

// A kill in the middle: the test adopts what the killed command leaves behind, and waits for it.
void install_and_kill(const std::vector<std::string>& words, useconds_t after) {
  const pid_t parent = fork();
  if (parent == 0) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t command = fork();
    if (command == 0) {
      std::vector<char*> argv;
      for (const std::string& word : words) {
        argv.push_back(const_cast<char*>(word.c_str()));
      }
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(127);
    }
    usleep(after);
    kill(command, SIGKILL);
    while (wait(nullptr) > 0) {
    }
    _exit(0);
  }
  waitpid(parent, nullptr, 0);
}

TEST_P(InstallOn, KilledAtAnyPointLeavesAllOrNothing) {
  add_rule_of_others("A", "1001");
  const std::string nothing = rules();
  install_all();
  const std::string all = rules();
  ASSERT_EQ(uninstall().exit_code, 0);
  std::vector<std::string> words = install_words();
  words.insert(words.begin(), MESHDNS_REDIRECT_BINARY);
  words.insert(words.end(), {"--state-dir", folder().path() + "/state"});
  int installed = 0;
  for (useconds_t after = 0; after < 150'000; after += 6'000) {
    install_and_kill(words, after);
    const std::string found = rules();
    EXPECT_THAT(found, AnyOf(nothing, all)) << "killed after " << after << " us";
    installed += found == all ? 1 : 0;
    ASSERT_EQ(uninstall().exit_code, 0);
    ASSERT_EQ(rules(), nothing);
  }
  EXPECT_GT(installed, 0);
}

TEST_P(InstallOn, AtTheSameTimeLeavesOneSet) {
  install_all();
  const std::string once = rules();
  ASSERT_EQ(uninstall().exit_code, 0);
  std::vector<std::string> words = install_words();
  words.insert(words.begin(), MESHDNS_REDIRECT_BINARY);
  words.insert(words.end(), {"--state-dir", folder().path() + "/state"});
  std::vector<pid_t> running;
  for (int i = 0; i < 4; ++i) {
    running.push_back(fork());
    if (running.back() == 0) {
      _exit(run_program(words).exit_code);
    }
  }
  for (const pid_t process : running) {
    int status = 0;
    waitpid(process, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  EXPECT_EQ(rules(), once);
}

TEST_P(InstallOn, ReplacesTheRulesOfAnotherBackend) {
  install_all();
  const std::string once = rules();
  for (const Backend& other : all_backends()) {
    std::vector<std::string> words = {"install", "--kuma-dp-user", std::to_string(kKumaDp)};
    const std::vector<std::string> flags = other.flags();
    words.insert(words.end(), flags.begin(), flags.end());
    ASSERT_EQ(redirect(words).exit_code, 0);
  }
  install_all();
  EXPECT_EQ(rules(), once);
  EXPECT_EQ(uninstall().exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, InstallOn, ::testing::ValuesIn(all_backends()), [](const auto& tested) {
  std::string name = tested.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
});

// What only iptables can get wrong: it has no transaction across tables and families.
class IptablesInstall : public InstallOn {
 protected:
  // An iptables-restore that does the first table and then fails, when it is to install.
  std::string failing_restore(const std::string& family) const {
    std::string path = folder().file(
        family + "-restore", fmt::format("#!/bin/sh\n"
                                         "input=$(cat)\n"
                                         "case $input in\n"
                                         "*'-N KUMA_MESH_INBOUND'*16053*)\n"
                                         "  echo \"$input\" | sed '/^COMMIT/q' | /usr/sbin/{0}-{1}-restore "
                                         "--noflush\n"
                                         "  echo 'no nat today' >&2; exit 2;;\n"
                                         "esac\n"
                                         "echo \"$input\" | exec /usr/sbin/{0}-{1}-restore --noflush\n",
                                         family, GetParam().suffix));
    std::filesystem::permissions(path, std::filesystem::perms(0755));
    return path;
  }

  std::vector<std::string> with_failing(const std::string& family) const {
    std::string programs = GetParam().program_flags()[1];
    const std::string good = fmt::format("{0}-restore:/usr/sbin/{0}-{1}-restore", family, GetParam().suffix);
    programs.replace(programs.find("," + good) + 1, good.size(),
                     fmt::format("{}-restore:{}", family, failing_restore(family)));
    return {"--iptables-executables", programs, "--redirect-dns-port", "16053", "--max-retries", "1"};
  }

  // What kumactl would have installed: the same rules under its own words, or without comments.
  void install_as_kumactl(bool with_comments) const {
    const Finished plan = redirect(
        install_words({"--dry-run", with_comments ? "--disable-comments=false" : "--disable-comments"}));
    std::string text = plan.out.substr(0, plan.out.find("### IPv6"));
    for (std::size_t at = text.find("meshdns: "); at != std::string::npos; at = text.find("meshdns: ")) {
      text.erase(at, std::string("meshdns: ").size());
    }
    run_script(fmt::format("iptables-{}-restore --noflush <<'END'\n{}END\n", GetParam().suffix, text));
  }
};

TEST_P(IptablesInstall, ThatFailsHalfWayLeavesWhatWasThere) {
  for (const char* family : {"iptables", "ip6tables"}) {
    for (const bool installed : {false, true}) {
      SCOPED_TRACE(
          fmt::format("{}, {}", family, installed ? "over an earlier install" : "for the first time"));
      add_rule_of_others("A", "1001");
      if (installed) {
        install_all({"--disable-comments"});
      }
      const std::string before = rules();
      const Finished run = redirect(install_words(with_failing(family)));
      EXPECT_EQ(run.exit_code, 1);
      EXPECT_THAT(run.err, AllOf(HasSubstr("refused: no nat today"),
                                 HasSubstr("the rules that stood before are back")));
      EXPECT_EQ(rules(), before);
      EXPECT_EQ(uninstall().exit_code, 0);
    }
  }
}

TEST_P(IptablesInstall, LeavesRulesOfKumactlUntilToldOtherwise) {
  for (const bool with_comments : {true, false}) {
    add_rule_of_others("A", "1001");
    const std::string before = rules();
    install_as_kumactl(with_comments);
    const std::string kumactls = rules();
    EXPECT_NE(kumactls, before);
    const Finished run = uninstall();
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, HasSubstr("rules of kumactl are left, remove them with --also-kumactl"));
    EXPECT_EQ(rules(), kumactls);
    EXPECT_THAT(uninstall({"--also-kumactl"}).err, IsEmpty());
    EXPECT_EQ(rules(), before);
  }
}

TEST_P(IptablesInstall, TakesThePlaceOfRulesOfKumactl) {
  add_rule_of_others("A", "1001");
  const std::string before = rules();
  install_all();
  const std::string ours = rules();
  ASSERT_EQ(uninstall().exit_code, 0);
  for (const bool with_comments : {true, false}) {
    install_as_kumactl(with_comments);
    install_all();
    EXPECT_EQ(rules(), ours);
    EXPECT_EQ(uninstall().exit_code, 0);
    EXPECT_EQ(rules(), before);
    // From Kuma's iptables to nftables.
    install_as_kumactl(with_comments);
    ASSERT_EQ(redirect({"install", "--kuma-dp-user", "1", "--backend", "nftables"}).exit_code, 0);
    EXPECT_EQ(rules(), before);
    EXPECT_EQ(uninstall().exit_code, 0);
  }
}

TEST_P(IptablesInstall, LetsDockersResolverAnswerTheSparedUser) {
  constexpr std::uint16_t kDockerPort = 41053;
  const TaggedServer docker({.tag = "4.4.4.4", .listen = {"127.0.0.11"}, .port = kDockerPort, .prepare = {}});
  const TaggedServer meshdns(
      {.tag = "1.1.1.1", .listen = {"127.0.0.1"}, .port = 15053, .prepare = [] { return become(kKumaDp); }});
  // What the Docker engine puts into a container's namespace.
  run_script(
      fmt::format("iptables-{0}-restore --noflush <<'END'\n"
                  "*nat\n-N DOCKER_OUTPUT\n-N DOCKER_POSTROUTING\n"
                  "-A OUTPUT -d 127.0.0.11/32 -j DOCKER_OUTPUT\n"
                  "-A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING\n"
                  "-A DOCKER_OUTPUT -d 127.0.0.11/32 -p udp --dport 53 -j DNAT --to-destination "
                  "127.0.0.11:{1}\n"
                  "-A DOCKER_POSTROUTING -s 127.0.0.11/32 -p udp --sport {1} -j SNAT --to-source :53\n"
                  "COMMIT\nEND\n",
                  GetParam().suffix, kDockerPort));
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--redirect-all-dns-traffic"},
        {"--redirect-all-dns-traffic=false", "--redirect-dns", "--resolv-conf",
         folder().file("docker.conf", "nameserver 127.0.0.11\n")}}) {
    install_all(flags);
    EXPECT_EQ(app().ask({.server = "127.0.0.11"}), (Outcome{"1.1.1.1", "127.0.0.11 53"}));
    EXPECT_EQ(kuma_dp().ask({.server = "127.0.0.11"}), (Outcome{"4.4.4.4", "127.0.0.11 53"}));
  }
  EXPECT_EQ(uninstall().exit_code, 0);
  EXPECT_EQ(app().ask({.server = "127.0.0.11"}).answer, "4.4.4.4");
}

INSTANTIATE_TEST_SUITE_P(Backends, IptablesInstall, ::testing::ValuesIn(iptables_backends()),
                         [](const auto& tested) {
                           std::string name = tested.param.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace meshdns::testing
