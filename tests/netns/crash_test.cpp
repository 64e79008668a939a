// Killed or refused at any point: all of the rules or none, and the next run finds its way.
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nftables/libnftables.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/netns/install_on.hpp"

namespace meshdns::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

// The processes that `parent` started, as the kernel lists them.
std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", parent));
  std::vector<pid_t> found;
  for (pid_t child = 0; list >> child;) {
    found.push_back(child);
  }
  return found;
}

// Whom to kill: the command; the worker that it started; what the worker runs; all of them at once.
enum class Victim { Command, Worker, Program, Everybody };

void strike(pid_t command, Victim victim) {
  const auto only = [](const std::vector<pid_t>& found) { return found.empty() ? 0 : found[0]; };
  const pid_t worker = only(children_of(command));
  const pid_t program = worker > 0 ? only(children_of(worker)) : 0;
  const auto hit = [](pid_t process) {
    if (process > 0) {
      kill(process, SIGKILL);
    }
  };
  switch (victim) {
    case Victim::Command:
      return hit(command);
    case Victim::Worker:
      return hit(worker);
    case Victim::Program:
      return hit(program);
    case Victim::Everybody:
      hit(command);
      hit(worker);
      hit(program);
  }
}

// Adopts what a killed command leaves behind, and waits for it. Returns the command's exit code, if it had
// one.
std::optional<int> run_and_kill(const std::vector<std::string>& words, useconds_t after, Victim victim) {
  constexpr int kKilled = 99;
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
    strike(command, victim);
    int status = 0;
    waitpid(command, &status, 0);
    while (wait(nullptr) > 0) {
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : kKilled);
  }
  int status = 0;
  waitpid(parent, &status, 0);
  return WEXITSTATUS(status) == kKilled ? std::nullopt : std::optional(WEXITSTATUS(status));
}

class Killed : public InstallOn {
 protected:
  void SetUp() override {
    InstallOn::SetUp();
    if (IsSkipped()) {
      return;
    }
    add_rule_of_others("A", "1001");
    nothing_ = rules();
    install_all();
    all_ = rules();
    ASSERT_EQ(uninstall().exit_code, 0);
    ASSERT_EQ(rules(), nothing_);
  }

  // Strikes later each time, until an install is over by then. Returns how many were hit while at work.
  template <class Check>
  int strike_all_through(Victim victim, Check check) {
    constexpr useconds_t kStep = 10'000;
    constexpr useconds_t kLongest = 150'000;
    int struck = 0;
    for (useconds_t after = 0; after < kLongest; after += kStep) {
      SCOPED_TRACE(fmt::format("struck after {} us", after));
      const std::optional<int> code = run_and_kill(command(install_words()), after, victim);
      struck += code ? 0 : 1;
      check(code);
      EXPECT_EQ(uninstall().exit_code, 0);
      EXPECT_EQ(rules(), nothing_) << "the next run finds its way";
    }
    return struck;
  }

  const std::string& nothing() const { return nothing_; }
  const std::string& all() const { return all_; }

 private:
  std::string nothing_;
  std::string all_;
};

TEST_P(Killed, AsACommandLeavesAllOrNothing) {
  int installed = 0;
  const int struck = strike_all_through(Victim::Command, [&](std::optional<int> /*code*/) {
    EXPECT_THAT(rules(), AnyOf(nothing(), all()));
    installed += rules() == all() ? 1 : 0;
  });
  EXPECT_GT(struck, 0);
  EXPECT_GT(installed, 0) << "its worker goes on";
}

TEST_P(Killed, AsAWorkerOrAProgramIsDoneAgain) {
  for (const Victim victim : {Victim::Worker, Victim::Program}) {
    strike_all_through(victim, [&](std::optional<int> code) {
      EXPECT_EQ(rules(), code == 0 ? all() : nothing()) << "exit code " << code.value_or(-1);
      EXPECT_TRUE(victim == Victim::Program || code == 0);
    });
  }
}

// Nobody is left to finish or to undo it: iptables may stand half way. The next run finishes either way.
TEST_P(Killed, AllAtOnceIsMendedByTheNextRun) {
  int struck = strike_all_through(Victim::Everybody, [&](std::optional<int> /*code*/) {
    if (!GetParam().is_iptables()) {
      EXPECT_THAT(rules(), AnyOf(nothing(), all()));
    }
  });
  EXPECT_GT(struck, 0);
  struck = strike_all_through(Victim::Everybody, [&](std::optional<int> /*code*/) {
    install_all();
    EXPECT_EQ(rules(), all());
  });
  EXPECT_GT(struck, 0);
}

INSTANTIATE_TEST_SUITE_P(Backends, Killed, ::testing::ValuesIn(all_backends()), name_of_backend);

// An install through one backend over one through another: if the rules of the other cannot be taken away,
// they and nothing else are in force.
using OverAnotherBackend = InstallOn;

std::string nft_rules() {
  return run_program({"nft", "list", "table", "inet", "meshdns"}).out;
}

TEST_P(OverAnotherBackend, NftablesLeavesIptablesAsTheyWereIfTheyStay) {
  for (const char* family : {"iptables", "ip6tables"}) {
    for (const char* comments : {"--disable-comments", "--disable-comments=false"}) {
      SCOPED_TRACE(fmt::format("{} {}", family, comments));
      install_all({comments});
      add_rule_of_others("I", "1001");
      const std::string before = rules();
      const std::string status = redirect({"status"}).out;
      // It takes the first table away and then refuses.
      std::vector<std::string> words =
          with_restore(family, fake_restore(family,
                                            "case $input in\n"
                                            "*'-N '*) ;;\n"
                                            "*'-X '*)\n"
                                            "  echo \"$input\" | sed '/^COMMIT/q' | "
                                            "$real --noflush\n"
                                            "  echo 'not today' >&2; exit 2;;\n"
                                            "esac"));
      words.insert(words.begin(),
                   {"install", "--kuma-dp-user", "1", "--backend", "nftables", "--max-retries=0"});
      const Finished run = redirect(words);
      EXPECT_EQ(run.exit_code, 1);
      EXPECT_THAT(run.err, HasSubstr("refused: not today"));
      EXPECT_EQ(rules(), before);
      EXPECT_EQ(nft_rules(), "");
      EXPECT_EQ(redirect({"status"}).out, status) << "and so is the record";
      EXPECT_EQ(uninstall().exit_code, 0);
      run_script(fmt::format(
          "for p in iptables ip6tables; do $p-{0} -t nat -D OUTPUT -p tcp --dport 1001 -j ACCEPT; "
          "done",
          GetParam().suffix));
    }
  }
}

TEST_P(OverAnotherBackend, IptablesLeaveNftablesAsItWasIfItStays) {
  const ChildProcess owner([](const ChildProcess::Ready& ready) {
    nft_ctx* context = nft_ctx_new(NFT_CTX_DEFAULT);
    if (nft_run_cmd_from_buffer(context, "table inet meshdns {\nflags owner;\nchain dns_redirect { }\n}\n") ==
        0) {
      ready();
      pause();
    }
  });
  add_rule_of_others("A", "1001");
  const std::string before = rules();
  const std::string table = nft_rules();
  const Finished run = redirect(install_words());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("another program owns the table inet meshdns"));
  EXPECT_EQ(rules(), before);
  EXPECT_EQ(nft_rules(), table);
}

// The new ones fail: the old ones of nftables, with their counters, were never away.
TEST_P(OverAnotherBackend, IptablesThatFailLeaveNftablesAsItWas) {
  ASSERT_EQ(
      redirect({"install", "--kuma-dp-user", "1", "--redirect-all-dns-traffic", "--backend", "nftables"})
          .exit_code,
      0);
  app().ask({.server = "10.77.0.2"});
  const std::string before = rules();
  const std::string table = nft_rules();
  ASSERT_THAT(table, HasSubstr("packets 1 "));
  std::vector<std::string> words = with_restore(
      "ip6tables", fake_restore("ip6tables", "case $input in *'-N '*) echo no >&2; exit 2;; esac"));
  words.insert(words.end(), {"--max-retries=0"});
  const Finished run = redirect(install_words(words));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(rules(), before);
  EXPECT_EQ(nft_rules(), table);
  EXPECT_THAT(redirect({"status"}).out, HasSubstr("installed through nftables, as planned"));
}

INSTANTIATE_TEST_SUITE_P(Backends, OverAnotherBackend, ::testing::ValuesIn(iptables_backends()),
                         name_of_backend);

}  // namespace
}  // namespace meshdns::testing
