// The program as kuma-dp and people meet it: exit codes, standard output, signals.
#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Runs meshdns in a working folder of its own.
class ProgramTest : public testing::Test {
 protected:
  struct Finished {
    int code = -1;
    std::string out;
    std::string err;
  };

  ProgramTest() {
    std::string name = (fs::temp_directory_path() / "meshdns-program-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ProgramTest() override {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close_output();
    fs::remove_all(folder_);
  }

  void start(std::vector<std::string> words) {
    words.insert(words.begin(), MESHDNS_PROGRAM);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (auto& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::array<int, 2> out{};
    ASSERT_EQ(pipe2(out.data(), O_CLOEXEC), 0);
    const std::string err = folder_ / "stderr";
    pid_ = fork();
    if (pid_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
      dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
      if (chdir(folder_.c_str()) == 0) {
        execv(argv[0], argv.data());
      }
      _exit(127);
    }
    close(out[1]);
    output_ = out[0];
  }

  // Reads standard output until it has `text`; fails the test if it never does.
  void await_output(std::string_view text) {
    while (!out_.contains(text)) {
      ASSERT_TRUE(read_some()) << "no '" << text << "' in: " << out_ << read("stderr");
    }
  }

  void send(int signal) const { kill(pid_, signal); }

  Finished finish() {
    while (output_ >= 0 && read_some()) {
    }
    const int code = wait_for_exit();
    return {code, out_, read("stderr")};
  }

  int wait_for_exit() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  // Makes the program log until its standard output takes no more.
  void fill_output() const {
    constexpr int kPipeSize = 4096;
    ASSERT_EQ(fcntl(output_, F_SETPIPE_SZ, kPipeSize), kPipeSize);
    for (int queued = 0; queued < kPipeSize - 128;) {
      send(SIGUSR2);
      std::this_thread::yield();
      ASSERT_EQ(ioctl(output_, FIONREAD, &queued), 0);
    }
    for (int i = 0; i < 100; ++i) {
      send(SIGUSR2);
      std::this_thread::yield();
    }
  }

  Finished run(std::vector<std::string> words) {
    out_.clear();
    start(std::move(words));
    return finish();
  }

  void close_output() {
    if (output_ >= 0) {
      close(output_);
      output_ = -1;
    }
  }

  void write(const std::string& name, std::string_view text) const { std::ofstream(folder_ / name) << text; }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }
  bool exists(const std::string& name) const { return fs::exists(folder_ / name); }
  pid_t pid() const { return pid_; }

 private:
  bool read_some() {
    pollfd ready{output_, POLLIN, 0};
    std::array<char, 4096> chunk{};
    if (poll(&ready, 1, 20'000) <= 0) {
      return false;
    }
    const auto size = ::read(output_, chunk.data(), chunk.size());
    out_.append(chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    if (size <= 0) {
      close_output();
    }
    return size > 0;
  }

  fs::path folder_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::string out_;
};

constexpr std::string_view kCorefile = ".:0 {\n bind 127.0.0.1\n mesh builtin:demo\n errors\n}\n";

TEST_F(ProgramTest, AnswersTheVersionProbeOfKumaDp) {
  const auto done = run({"--version"});
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, StartsWith("CoreDNS-1.14.7\nmeshdns "));
  EXPECT_EQ(done.err, "");
}

TEST_F(ProgramTest, ListsItsDirectives) {
  std::istringstream out(run({"-plugins"}).out);
  std::vector<std::string> lines;
  for (std::string line; std::getline(out, line);) {
    lines.push_back(line);
  }
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  EXPECT_TRUE(std::ranges::is_sorted(lines));
  EXPECT_THAT(lines, ::testing::IsSupersetOf({"acl", "any", "bind", "chaos", "errors", "file", "forward",
                                              "hosts", "local", "log", "mesh", "multisocket", "rewrite",
                                              "template", "whoami"}));
}

TEST_F(ProgramTest, SaysOnStderrWhyItDoesNotStart) {
  write("bad", ". {\n bogus\n}\n");
  const std::pair<std::vector<std::string>, std::pair<int, std::string>> cases[] = {
      {{"-conf", "bad"}, {1, "bad:2 - Error during parsing: Unknown directive 'bogus'\n"}},
      {{"-conf", "none"}, {1, "loading Caddyfile via flag: open none: no such file or directory\n"}},
      {{"a", "b"}, {1, "extra command line arguments: [a b]\n"}},
      {{"check", "-conf", "bad"}, {1, "bad:2 - Error during parsing: Unknown directive 'bogus'\n"}},
  };
  for (const auto& [words, expected] : cases) {
    const auto done = run(words);
    EXPECT_EQ(done.code, expected.first);
    EXPECT_EQ(done.err, expected.second);
    EXPECT_EQ(done.out, "");
  }
  EXPECT_EQ(run({"-bogus"}).code, 2);
  EXPECT_EQ(run({"-h"}).code, 0);
}

TEST_F(ProgramTest, PrintsZonesWithRealPortsThenItsVersion) {
  write("Corefile", kCorefile);
  start({});
  await_output("meshdns 0");
  send(SIGTERM);
  const auto done = finish();
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out,
              testing::MatchesRegex("[.]:[1-9][0-9]* on 127[.]0[.]0[.]1\nCoreDNS-.*\nmeshdns .*\n"
                                    "\\[INFO\\] SIGTERM: Shutting down servers then terminating\n"));
  EXPECT_EQ(done.err, "");
}

TEST_F(ProgramTest, PrintsNothingAtAQuietStart) {
  write("Corefile", kCorefile);
  start({"-conf", "Corefile", "-quiet", "-pidfile", "pid"});
  while (!exists("pid")) {
    std::this_thread::yield();
  }
  send(SIGUSR1);
  await_output("[INFO] Reloading complete\n");
  send(SIGTERM);
  const auto done = finish();
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, StartsWith("[INFO] SIGUSR1: Reloading\n[INFO] Reloading\n"));
}

TEST_F(ProgramTest, KeepsAPidFileWhileItRuns) {
  write("Corefile", kCorefile);
  start({"-pidfile", "pid"});
  await_output("meshdns 0");
  send(SIGUSR2);
  await_output("SIGUSR2: Ignored");
  EXPECT_EQ(read("pid"), fmt::format("{}\n", pid()));
  send(SIGINT);
  const auto done = finish();
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, HasSubstr("[INFO] SIGINT: Shutting down\n"));
  EXPECT_FALSE(exists("pid"));
}

TEST_F(ProgramTest, RunsOnWhenThePidFileCannotBeWritten) {
  write("Corefile", kCorefile);
  start({"-quiet", "-pidfile", "none/pid"});
  await_output("[ERROR] Could not write pidfile: open none/pid: No such file or directory\n");
  send(SIGQUIT);
  const auto done = finish();
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, HasSubstr("[INFO] SIGQUIT: Quitting process immediately\n"));
}

TEST_F(ProgramTest, KeepsServingWhenAReloadFails) {
  write("Corefile", kCorefile);
  start({});
  await_output("meshdns 0");
  send(SIGHUP);
  write("Corefile", ". {\n bogus\n}\n");
  send(SIGUSR1);
  await_output("[ERROR] SIGUSR1: starting with listener file descriptors: ");
  write("Corefile", kCorefile);
  send(SIGUSR1);
  await_output("[INFO] Reloading complete\n");
  send(SIGTERM);
  const auto done = finish();
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(
      done.out,
      HasSubstr("[ERROR] Restart failed: Corefile:2 - Error during parsing: Unknown directive 'bogus'\n"));
}

TEST_F(ProgramTest, EndsAlsoWhenNobodyReadsItsOutput) {
  write("Corefile", kCorefile);
  start({"-pidfile", "pid"});
  await_output("meshdns 0");
  fill_output();
  send(SIGTERM);
  while (exists("pid")) {
    std::this_thread::yield();
  }
  EXPECT_EQ(wait_for_exit(), 0);
}

TEST_F(ProgramTest, OutlivesTheReaderOfItsOutput) {
  write("Corefile", kCorefile);
  start({"-pidfile", "pid"});
  await_output("meshdns 0");
  close_output();
  send(SIGUSR2);
  send(SIGTERM);
  EXPECT_EQ(finish().code, 0);
}

TEST_F(ProgramTest, ChecksWithoutServing) {
  write("Corefile", "example.org:1053 {\n bind 127.0.0.1\n mesh builtin:demo\n forward . 10.0.0.2\n}\n");
  const auto done = run({"check"});
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, StartsWith("Corefile:1: example.org. on 127.0.0.1:1053\n  mesh builtin:demo\n"));
  EXPECT_THAT(done.out, HasSubstr("  forward . to 10.0.0.2:53\n"));
  EXPECT_THAT(done.out, HasSubstr("The configuration is valid: 1 server block, 1 worker.\n"));
  write("Corefile",
        ".:1053 {\n minimal\n rewrite type ANY TXT\n acl a b {\n  block\n  drop\n }\n cancel 1500ms\n "
        "forward . "
        "10.0.0.2\n}\n");
  EXPECT_THAT(run({"check"}).out,
              HasSubstr("\n  cancel after 1.5 s\n  rewrite by 1 rule\n  acl a. b.: 2 lines\n  minimal\n"));
  write("Corefile",
        ".:1053 {\n admin 127.0.0.1:1\n prometheus localhost:2\n health 127.0.0.1:3 {\n  lameduck 2s\n }\n"
        " ready 127.0.0.1:4\n reload 10s\n loop\n debug\n errors\n forward . 10.0.0.2 {\n  relay_updates\n "
        " trust_ad\n  max_rate 9\n }\n}\n");
  EXPECT_THAT(run({"check"}).out, HasSubstr("  forward . to 10.0.0.2:53\n    trust_ad\n    max_rate 9 9\n    "
                                            "relay_updates\n  loop\n  prometheus on 127.0.0.1:2"));
  EXPECT_THAT(run({"check"}).out,
              HasSubstr("  health on 127.0.0.1:3, lameduck 2 s\n  ready on 127.0.0.1:4\n"
                        "  admin on 127.0.0.1:1\n  reload every 10 s\n  debug\n  errors\n"));
  write("weights", "a.mesh\n10.0.0.1 2\n");
  write("Corefile",
        ".:1053 {\n loadbalance weighted weights\n mesh builtin:demo {\n  search cname example.org "
        "svc.cluster.local\n  ent nxdomain\n }\n"
        " filter aaaa\n forward . 10.0.0.2\n}\n");
  const auto options = run({"check"});
  EXPECT_THAT(options.out, HasSubstr("\n  loadbalance weighted weights\n"));
  EXPECT_THAT(
      options.out,
      HasSubstr("\n    ent nxdomain\n    search cname for its names with example.org. behind them\n"));
  EXPECT_THAT(options.out, HasSubstr("\n  filter aaaa\n  forward . to "));
  EXPECT_THAT(options.err, HasSubstr("Corefile:4: search: 'svc.cluster.local' is left out"));
  const auto missing = run({"check", "--zone", "missing.yaml"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.err, HasSubstr("missing.yaml"));
}

TEST_F(ProgramTest, ExplainsWhoAnswers) {
  write("zone.yaml",
        "owns: [mesh]\nrecords:\n  - name: a.mesh\n    ips: [240.0.0.1]\n  - name: out.example\n    ips: "
        "[240.0.0.2]\n");
  write("Corefile", ".:1053 {\n bind 127.0.0.1\n mesh zone.yaml\n forward . 10.0.0.2\n}\n");
  const std::pair<std::vector<std::string>, std::vector<std::string>> cases[] = {
      {{"a.mesh"},
       {"block    Corefile:1", "answer   NOERROR, 1 record, from the mesh zone", "written  zone.yaml:3:"}},
      {{"a.mesh", "TXT"}, {"answer   NOERROR, 0 records"}},
      {{"b.mesh"}, {"answer   NXDOMAIN", "the mesh owns mesh."}},
      {{"out.example", "TXT"}, {"answer   from 10.0.0.2:53", "has only addresses of this name"}},
      {{"example.org"}, {"answer   from 10.0.0.2:53", "written  Corefile:4", "`forward .`"}},
      {{"1.0.0.240.in-addr.arpa", "PTR"},
       {"answer   NOERROR, 1 record", "240.0.0.1 is an address of the mesh"}},
  };
  for (const auto& [words, expected] : cases) {
    auto all = words;
    all.insert(all.begin(), "explain");
    const auto done = run(all);
    EXPECT_EQ(done.code, 0) << done.err;
    for (const auto& text : expected) {
      EXPECT_THAT(done.out, HasSubstr(text)) << words[0];
    }
  }
  write("Corefile",
        ".:1053 {\n bind 127.0.0.1\n rewrite continue type ANY TXT\n rewrite name suffix .old .mesh\n"
        " rewrite name prefix x- " +
            std::string(64, 'x') +
            "\n forward . 10.0.0.2\n}\nmesh:1053 {\n bind 127.0.0.1\n mesh zone.yaml\n}\n");
  const auto other_block = run({"explain", "a.old"}).out;
  EXPECT_THAT(other_block, HasSubstr("rewrite  a.mesh. A is asked instead\n  block    Corefile:8\n"));
  EXPECT_THAT(other_block, HasSubstr("answer   NOERROR, 1 record, from the mesh zone"));
  const auto same_block = run({"explain", "example.org", "ANY"}).out;
  EXPECT_THAT(same_block,
              HasSubstr("rewrite  example.org. TXT is asked instead\n  answer   from 10.0.0.2:53"));
  EXPECT_THAT(run({"explain", "x-a"}).out, HasSubstr("answer   SERVFAIL"));
  write("Corefile", ".:1053 {\n bind 127.0.0.1\n forward mesh 10.0.0.2\n alternate SERVFAIL . 10.0.0.3\n}\n");
  const auto uncovered = run({"explain", "example.org"}).out;
  EXPECT_THAT(uncovered, HasSubstr("answer   from 10.0.0.3:53"));
  EXPECT_THAT(uncovered, HasSubstr("written  Corefile:4"));
  EXPECT_THAT(same_block, Not(HasSubstr("acl")));
  write("Corefile",
        ".:1053 {\n bind 127.0.0.1\n acl {\n  block net 10.0.0.0/8\n }\n forward . 10.0.0.2\n}\n");
  EXPECT_THAT(run({"explain", "example.org"}).out,
              HasSubstr("\n  but      `acl` may have other answers for some clients\n"));
  EXPECT_EQ(run({"explain", "a..b"}).code, 1);
  EXPECT_EQ(run({"explain", "a", "NOTYPE"}).code, 1);
}

TEST_F(ProgramTest, ExplainsAndChecksDirectivesThatAnswerByThemselves) {
  write("Corefile",
        ".:1053 {\n bind 127.0.0.1\n chaos\n template IN A a.test {\n  answer \"{{ .Name }} CNAME b.test\"\n "
        "}\n"
        " hosts hosts {\n  10.0.0.1 b.test\n  fallthrough\n }\n forward . 10.0.0.2\n}\n"
        "example.org:1053 {\n bind 127.0.0.1\n whoami\n}\n");
  write("hosts", "# names\n10.0.0.4 d.test\n");
  const std::pair<std::string, std::vector<std::string>> cases[] = {
      {"x.a.test",
       {"answer   NOERROR, 1 record, from `template`", "and      what this server says of b.test.",
        "written  Corefile:4\n"}},
      {"b.test", {"answer   NOERROR, 1 record, from `hosts`", "written  Corefile:8\n"}},
      {"d.test", {"answer   NOERROR, 1 record, from `hosts`", "written  hosts:2\n"}},
      {"c.onion", {"answer   NXDOMAIN, 0 records, from `local`", "before any `forward`"}},
      {"c.test", {"answer   from 10.0.0.2:53"}},
      {"example.org", {"answer   NOERROR, 0 records, from `whoami`"}},
  };
  for (const auto& [name, expected] : cases) {
    const auto done = run({"explain", name});
    EXPECT_EQ(done.code, 0) << done.err;
    for (const auto& text : expected) {
      EXPECT_THAT(done.out, HasSubstr(text)) << name;
    }
  }
  EXPECT_THAT(run({"check"}).out, HasSubstr("  chaos\n  template IN A a.test.\n  hosts "));
  write("Corefile", ".:1053 {\n template IN A {\n  answer \"{{ .Bogus }}\"\n }\n}\n");
  const auto bad = run({"check"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.err,
              StartsWith("plugin/template: Corefile:3 - Error during parsing: could not compile template: "));
}

}  // namespace
