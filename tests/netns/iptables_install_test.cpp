// Installing and uninstalling on every backend: whole or not at all, ours only, nothing left.
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/netns/install_on.hpp"

namespace meshdns::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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

TEST_P(InstallOn, AtTheSameTimeLeavesOneSet) {
  install_all();
  const std::string once = rules();
  ASSERT_EQ(uninstall().exit_code, 0);
  const std::vector<std::string> words = command(install_words());
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

INSTANTIATE_TEST_SUITE_P(Backends, InstallOn, ::testing::ValuesIn(all_backends()), name_of_backend);

// What only iptables can get wrong: it has no transaction across tables and families.
class IptablesInstall : public InstallOn {
 protected:
  // An iptables-restore that does the first table and then fails, when it is to install.
  std::vector<std::string> with_failing(const std::string& family) const {
    std::vector<std::string> words =
        with_restore(family, fake_restore(family,
                                          "case $input in *'-N KUMA_MESH_INBOUND'*16053*)\n"
                                          "  echo \"$input\" | sed '/^COMMIT/q' | $real --noflush\n"
                                          "  echo 'no nat today' >&2; exit 2;;\n"
                                          "esac"));
    words.insert(words.end(), {"--redirect-dns-port", "16053", "--max-retries", "1"});
    return words;
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
                         name_of_backend);

}  // namespace
}  // namespace meshdns::testing
