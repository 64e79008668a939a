// A host that boots: the package as it is installed, its unit as systemd would run it, and no rules at all.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netns/install_on.hpp"
#include "tests/netns/unit_file.hpp"

namespace meshdns::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Reboot : public InstallOn {
 protected:
  void SetUp() override {
    InstallOn::SetUp();
    if (IsSkipped()) {
      return;
    }
    stage_ = folder().path() + "/stage";
    run_script(
        fmt::format("DESTDIR={} cmake --install {} --component redirect", stage_, MESHDNS_BUILD_FOLDER));
    std::string flags;
    for (const std::string& word : GetParam().flags()) {
      flags += " " + word;
    }
    defaults_ = folder().file(
        "defaults", fmt::format("FLAGS=--kuma-dp-user {} --redirect-all-dns-traffic{}\n", kKumaDp, flags));
  }

  // Another namespace, in which nothing has happened yet, and an empty /run.
  void boot() {
    restart_network();
    const std::string run = fmt::format("{}/run-{}", folder().path(), ++boots_);
    std::filesystem::create_directory(run);
    unit_ = std::make_unique<UnitFile>(
        fmt::format("{}{}/lib/systemd/system/meshdns-redirect.service", stage_, MESHDNS_INSTALL_PREFIX),
        stage_, run);
  }

  Finished unit(const std::string& key) const { return unit_->run(key, defaults_); }
  const UnitFile& unit_file() const { return *unit_; }

 private:
  std::string stage_;
  std::string defaults_;
  int boots_ = 0;
  std::unique_ptr<UnitFile> unit_;
};

TEST_P(Reboot, BringsTheRulesBackAndStoppingTheUnitTakesThemAway) {
  for (int time = 0; time < 2; ++time) {
    SCOPED_TRACE(time);
    boot();
    const TaggedServer elsewhere({.tag = "9.9.9.9", .listen = {"10.77.0.2", "fd77::2"}, .prepare = [this] {
                                    return network().go_elsewhere();
                                  }});
    const TaggedServer meshdns(
        {.tag = "1.1.1.1", .listen = {"127.0.0.1", "::1"}, .port = 15053, .prepare = [] {
           return become(kKumaDp);
         }});
    const std::string before = run_program({"nft", "list", "ruleset"}).out;
    ASSERT_THAT(rules(), IsEmpty());
    const Finished started = unit("ExecStart");
    ASSERT_EQ(started.exit_code, 0) << started.err;
    EXPECT_THAT(started.err, IsEmpty());
    for (const char* server : {"10.77.0.2", "fd77::2"}) {
      for (const bool tcp : {false, true}) {
        EXPECT_EQ(app().ask({.server = server, .tcp = tcp}).answer, "1.1.1.1");
        EXPECT_EQ(kuma_dp().ask({.server = server, .tcp = tcp}).answer, "9.9.9.9");
      }
    }
    EXPECT_THAT(run_program({"ip", "-6", "addr", "show", "dev", "lo"}).out, HasSubstr("::6/128"));
    if (time == 0) {
      continue;  // the power goes
    }
    const Finished stopped = unit("ExecStop");
    EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
    EXPECT_THAT(stopped.out + stopped.err, IsEmpty());
    EXPECT_EQ(app().ask({.server = "10.77.0.2"}).answer, "9.9.9.9");
    EXPECT_THAT(rules(), IsEmpty());
    EXPECT_EQ(run_program({"nft", "list", "ruleset"}).out, before);
    EXPECT_THAT(run_program({"ip", "-6", "addr", "show", "dev", "lo"}).out, Not(HasSubstr("::6/128")));
  }
}

TEST_P(Reboot, StartsTheUnitBetweenTheNetworkAndTheMesh) {
  boot();
  EXPECT_THAT(unit_file().one("After"), AllOf(HasSubstr("network-online.target"),
                                              HasSubstr("firewalld.service"), HasSubstr("docker.service")));
  EXPECT_THAT(unit_file().one("Before"), AllOf(HasSubstr("kuma-dp.service"), HasSubstr("meshdns.service")));
  EXPECT_EQ(unit_file().one("RemainAfterExit"), "yes") << "else ExecStop runs at once";
  if (!std::filesystem::exists("/usr/bin/systemd-analyze")) {
    GTEST_SKIP() << "needs systemd-analyze";
  }
  // Among the units of this machine, with the program where it is.
  const Finished verified = run_program({"systemd-analyze", "verify", "--man=no", "--generators=no",
                                         unit_file().copy_for_stage(folder().path())});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.err, Not(HasSubstr("meshdns-redirect")));
}

INSTANTIATE_TEST_SUITE_P(Backends, Reboot, ::testing::ValuesIn(all_backends()), name_of_backend);

}  // namespace
}  // namespace meshdns::testing
