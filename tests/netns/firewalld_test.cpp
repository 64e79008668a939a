// --store-firewalld against a real firewalld: with a bus of its own and a copy of its configuration, in the
// namespace of the test.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/netns/backends.hpp"
#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kConfiguration = "/etc/firewalld";

std::unique_ptr<ChildProcess> start(const std::string& command,
                                    const std::function<bool()>& prepare = nullptr) {
  return std::make_unique<ChildProcess>([&](const ChildProcess::Ready& ready) {
    if (!prepare || prepare()) {
      ready();
      execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    }
  });
}

class RedirectWithFirewalld : public RedirectFixture {
 protected:
  void SetUp() override {
    RedirectFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    if (!std::filesystem::exists("/usr/sbin/firewalld") || !std::filesystem::exists("/usr/bin/dbus-daemon")) {
      GTEST_SKIP() << "needs firewalld and dbus-daemon";
    }
    const std::string bus = folder().path() + "/bus";
    const std::string bus_configuration = folder().file(
        "bus.conf",
        fmt::format("<busconfig><type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>"
                    "<policy context=\"default\"><allow send_destination=\"*\"/>"
                    "<allow receive_sender=\"*\"/><allow own=\"*\"/><allow user=\"*\"/></policy>"
                    "</busconfig>",
                    bus));
    std::filesystem::copy(kConfiguration, firewalld_folder(), std::filesystem::copy_options::recursive);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + bus).c_str(), 1);
    bus_ = start(
        fmt::format("dbus-daemon --config-file={} --nofork --nopidfile 2>/dev/null", bus_configuration));
    wait_for("test -S " + bus);
    start_firewalld();
  }

  void start_firewalld() {
    firewalld_ = start("firewalld --nofork --nopid >/dev/null 2>&1", [this] {
      return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             mount(firewalld_folder().c_str(), kConfiguration, nullptr, MS_BIND, nullptr) == 0;
    });
    wait_for("firewall-cmd --state");
  }

  // Without a chance to tidy up.
  void kill_firewalld() { firewalld_.reset(); }

  void TearDown() override {
    firewalld_.reset();
    bus_.reset();
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  }

  std::string firewalld_folder() const { return folder().path() + "/firewalld"; }

  Finished run(std::vector<std::string> words) const {
    words.insert(words.begin(), MESHDNS_REDIRECT_BINARY);
    words.insert(words.end(),
                 {"--state-dir", folder().path() + "/state", "--firewalld-dir", firewalld_folder()});
    return run_program(words);
  }

  static void reload() { run_script("firewall-cmd --reload"); }
  static std::string rules() { return iptables_backends()[0].rules(); }

  // Ours among them, sorted: firewalld makes its own in between.
  static std::string rules_of_mesh() {
    std::vector<std::string> found;
    std::istringstream lines(rules());
    for (std::string line; std::getline(lines, line);) {
      if (line.contains("KUMA_MESH") || line.contains("meshdns")) {
        found.push_back(line);
      }
    }
    std::ranges::sort(found);
    return fmt::format("{}", fmt::join(found, "\n"));
  }

 private:
  static void wait_for(const std::string& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (run_program({"sh", "-c", condition}).exit_code != 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << condition;
    }
  }

  std::unique_ptr<ChildProcess> bus_;
  std::unique_ptr<ChildProcess> firewalld_;
};

TEST_F(RedirectWithFirewalld, OutlivesAReloadAndGoesWithUninstall) {
  const TaggedServer meshdns(
      {.tag = "1.1.1.1", .listen = {"127.0.0.1"}, .port = 15053, .prepare = [] { return become(kKumaDp); }});
  const std::string before = rules();
  const Finished installed =
      run({"install", "--kuma-dp-user", std::to_string(kKumaDp), "--redirect-all-dns-traffic",
           "--exclude-outbound-ports-for-uids", "tcp:80,90-99:7", "--store-firewalld"});
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  EXPECT_THAT(installed.err, HasSubstr("set RFC3964_IPv4=no in " + firewalld_folder()));
  for (int time = 0; time < 2; ++time) {
    reload();
    EXPECT_THAT(run({"status"}).out, AllOf(HasSubstr("installed through iptables-nft, as planned"),
                                           HasSubstr("RFC3964_IPv4=no"), Not(HasSubstr("unexpected"))));
    EXPECT_EQ(app().ask({.server = "192.0.2.9"}).answer, "1.1.1.1");
  }
  const Finished uninstalled = run({"uninstall"});
  EXPECT_EQ(uninstalled.exit_code, 0);
  EXPECT_THAT(uninstalled.err, IsEmpty());
  EXPECT_EQ(rules(), before);
  reload();
  EXPECT_EQ(rules(), before);
  EXPECT_FALSE(std::filesystem::exists(firewalld_folder() + "/direct.xml"));
}

// A boot: no rules, no record; firewalld finds them in its file.
TEST_F(RedirectWithFirewalld, IsBackWhenFirewalldStartsOnAFreshHost) {
  const TaggedServer meshdns(
      {.tag = "1.1.1.1", .listen = {"127.0.0.1"}, .port = 15053, .prepare = [] { return become(kKumaDp); }});
  ASSERT_EQ(run({"install", "--kuma-dp-user", std::to_string(kKumaDp), "--redirect-all-dns-traffic",
                 "--store-firewalld"})
                .exit_code,
            0);
  const std::string installed = rules_of_mesh();
  kill_firewalld();
  run_script("nft flush ruleset");
  std::filesystem::remove_all(folder().path() + "/state");
  EXPECT_NE(app().ask({.server = "127.0.0.9"}).answer, "1.1.1.1");
  start_firewalld();
  EXPECT_EQ(rules_of_mesh(), installed);
  EXPECT_EQ(app().ask({.server = "192.0.2.9"}).answer, "1.1.1.1");
  EXPECT_THAT(run({"status"}).out, HasSubstr("installed through iptables-nft"));
  // The unit, which starts later, finds them and takes their place.
  ASSERT_EQ(run({"install", "--kuma-dp-user", std::to_string(kKumaDp), "--redirect-all-dns-traffic",
                 "--store-firewalld"})
                .exit_code,
            0);
  EXPECT_EQ(rules_of_mesh(), installed);
  const Finished uninstalled = run({"uninstall"});
  EXPECT_EQ(uninstalled.exit_code, 0);
  EXPECT_THAT(uninstalled.err, IsEmpty());
  EXPECT_THAT(rules_of_mesh(), IsEmpty());
  kill_firewalld();
  run_script("nft flush ruleset");
  start_firewalld();
  EXPECT_THAT(rules_of_mesh(), IsEmpty());
}

TEST_F(RedirectWithFirewalld, ThroughNftablesIsNotTouchedByAReload) {
  ASSERT_EQ(run({"install", "--kuma-dp-user", "1", "--redirect-all-dns-traffic", "--backend", "nftables"})
                .exit_code,
            0);
  reload();
  EXPECT_THAT(run({"status"}).out, HasSubstr("installed through nftables, as planned"));
  EXPECT_EQ(run({"uninstall"}).exit_code, 0);
}

}  // namespace
}  // namespace meshdns::testing
