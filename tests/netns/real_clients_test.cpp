// The resolver libraries and tools that applications come with, on a host whose name server is meshdns.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::SizeIs;

using Addresses = std::set<std::string>;

constexpr std::size_t kMany = 150;

// A program with the name to look up as its last argument. What it prints are addresses and other words.
struct Client {
  std::string name;
  std::vector<std::string> command;
  bool asks_twice = false;       // one type at a time, as an argument before the name
  bool retries_over_tcp = true;  // when an answer does not fit
};

bool is_address(const std::string& word) {
  return word.find_first_not_of("0123456789abcdef.:") == std::string::npos &&
         (word.contains('.') || word.contains("::"));
}

std::string zone(const std::string& suffix) {
  std::string text = fmt::format(
      "owns: [{0}]\nrecords:\n"
      "  - {{name: v4.{0}, ips: [240.0.0.1]}}\n"
      "  - {{name: v6.{0}, ips: ['fd00:fd00::1']}}\n"
      "  - {{name: dual.{0}, ips: [240.0.0.2, 'fd00:fd00::2']}}\n"
      "  - name: many.{0}\n    ips: [",
      suffix);
  for (std::size_t i = 0; i < kMany; ++i) {
    text += fmt::format("{}240.1.0.{}", i == 0 ? "" : ", ", i);
  }
  return text + "]\n";
}

class RealClients : public RedirectFixture {
 protected:
  void SetUp() override {
    RedirectFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    resolver_ = start_meshdns({"--zone", folder().file("world.yaml", zone("example")), "--listen",
                               "10.77.0.2:53", "--upstream", "127.0.0.1:9"},
                              [this] { return network().go_elsewhere(); });
    meshdns_ = start_meshdns({"--zone", folder().file("mesh.yaml", zone("mesh")), "--listen", "127.0.0.1:53",
                              "--upstream", "10.77.0.2"},
                             [] { return true; });
    resolv_conf_ = folder().file("app.conf", "nameserver 127.0.0.1\n");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (app().ask({.server = "127.0.0.1", .name = "v4.example"}).answer != "240.0.0.1") {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "meshdns does not answer";
    }
  }

  // As an application that knows of nothing: its resolv.conf is all that is special.
  Finished run(std::vector<std::string> command) const {
    return run_program(command, [this] {
      return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             mount(resolv_conf_.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0 && become(kApp);
    });
  }

  Addresses look_up(const Client& client, const std::string& name) const {
    Addresses found;
    for (const char* type : {"A", "AAAA"}) {
      std::vector<std::string> command = client.command;
      if (client.asks_twice) {
        command.push_back(type);
      }
      command.push_back(name);
      const Finished done = run(command);
      std::istringstream lines(done.out);
      for (std::string word; lines >> word;) {
        if (is_address(word) && !word.starts_with("127.")) {
          found.insert(word);
        }
      }
      if (!client.asks_twice) {
        EXPECT_EQ(done.exit_code == 0, !found.empty()) << client.name << " " << name << ": " << done.err;
        break;
      }
    }
    return found;
  }

  void expect_all(const Client& client) const {
    for (const std::string suffix : {"mesh", "example"}) {
      SCOPED_TRACE(client.name + ", names of " + suffix);
      EXPECT_EQ(look_up(client, "v4." + suffix), Addresses{"240.0.0.1"});
      EXPECT_EQ(look_up(client, "v6." + suffix), Addresses{"fd00:fd00::1"});
      EXPECT_EQ(look_up(client, "dual." + suffix), (Addresses{"240.0.0.2", "fd00:fd00::2"}));
      EXPECT_THAT(look_up(client, "nobody." + suffix), IsEmpty());
      const Addresses many = look_up(client, "many." + suffix);
      if (client.retries_over_tcp) {
        EXPECT_THAT(many, SizeIs(kMany));
      } else {
        EXPECT_GE(many.size(), 20U) << "a truncated answer carries what fits";
      }
    }
  }

 private:
  static std::unique_ptr<ChildProcess> start_meshdns(std::vector<std::string> arguments,
                                                     const std::function<bool()>& prepare) {
    arguments.insert(arguments.begin(), MESHDNS_BINARY);
    arguments.emplace_back("-quiet");
    return std::make_unique<ChildProcess>([&](const ChildProcess::Ready& ready) {
      std::vector<char*> argv;
      for (std::string& argument : arguments) {
        argv.push_back(argument.data());
      }
      argv.push_back(nullptr);
      ready();
      if (prepare()) {
        execv(argv[0], argv.data());
      }
    });
  }

  std::unique_ptr<ChildProcess> resolver_;
  std::unique_ptr<ChildProcess> meshdns_;
  std::string resolv_conf_;
};

TEST_F(RealClients, Glibc) {
  expect_all({.name = "glibc", .command = {LOOKUP_GLIBC}});
}

// Its version in Debian 12 never retries over TCP.
TEST_F(RealClients, Musl) {
  if (std::string(LOOKUP_MUSL).empty()) {
    GTEST_SKIP() << "musl-gcc is not installed";
  }
  expect_all({.name = "musl", .command = {LOOKUP_MUSL}, .retries_over_tcp = false});
}

TEST_F(RealClients, Cares) {
  expect_all({.name = "c-ares", .command = {LOOKUP_CARES}});
}

TEST_F(RealClients, Busybox) {
  if (run({"busybox", "true"}).exit_code != 0) {
    GTEST_SKIP() << "busybox is not installed";
  }
  expect_all({.name = "busybox", .command = {"busybox", "nslookup"}, .retries_over_tcp = false});
}

TEST_F(RealClients, Node) {
  if (run({"node", "--version"}).exit_code != 0) {
    GTEST_SKIP() << "node is not installed";
  }
  expect_all({.name = "node", .command = {"node", LOOKUP_SOURCES "/lookup.js"}});
}

TEST_F(RealClients, Go) {
  if (run({"go", "version"}).exit_code != 0) {
    GTEST_SKIP() << "go is not installed";
  }
  const std::string program = folder().file("lookup_go", "");
  const Finished built = run_program({"go", "build", "-o", program, LOOKUP_SOURCES "/lookup.go"});
  ASSERT_EQ(built.exit_code, 0) << built.err;
  expect_all({.name = "go", .command = {program}});
}

TEST_F(RealClients, Tools) {
  expect_all({.name = "dig", .command = {"dig", "+short"}, .asks_twice = true});
  expect_all({.name = "kdig", .command = {"kdig", "+short"}, .asks_twice = true});
  expect_all({.name = "drill", .command = {"drill", "-Q"}, .asks_twice = true, .retries_over_tcp = false});
}

}  // namespace
}  // namespace meshdns::testing
