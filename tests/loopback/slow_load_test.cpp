// Signals while a zone is being read that takes long.
#include <csignal>

#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::HasSubstr;

class SlowLoad : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string large = "owns: [mesh]\nrecords:\n";
    for (int i = 0; i < 400'000; ++i) {
      large += "  - {name: n" + std::to_string(i) + ".mesh, ips: [240.0.0.1]}\n";
    }
    folder.write("large.yaml", large);
    folder.write("small.yaml", "owns: [mesh]\nrecords: []\n");
  }

  // A warning of the Corefile is the last line before its zones are read.
  void write_corefile(const std::string& zone) const {
    folder.replace("Corefile",
                   ".:0 {\n  bind 127.0.0.1\n  mesh " + zone + "\n  forward 10.0.0.0/9 127.0.0.1:9\n}\n");
  }

  TemporaryFolder folder;
};

TEST_F(SlowLoad, DoesNotDelayTheEndAtStart) {
  write_corefile("large.yaml");
  MeshdnsProcess process(folder.path("."), {"-conf", "Corefile"});
  ASSERT_TRUE(process.prints("stands for")) << process.output() << process.errors();
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 0);
  if (process.output().contains("CoreDNS-")) {
    GTEST_SKIP() << "it was up before the signal came";
  }
  EXPECT_THAT(process.output(), HasSubstr("SIGTERM: Shutting down"));
}

TEST_F(SlowLoad, DoesNotDelayTheEndDuringAReload) {
  write_corefile("small.yaml");
  MeshdnsProcess process(folder.path("."), {"-conf", "Corefile"});
  ASSERT_TRUE(process.prints("CoreDNS-")) << process.output() << process.errors();
  write_corefile("large.yaml");
  process.signal(SIGUSR1);
  ASSERT_TRUE(process.prints("Reloading\n"));
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 0);
  if (process.output().contains("Reloading complete")) {
    GTEST_SKIP() << "it was read before the signal came";
  }
  EXPECT_THAT(process.output(), HasSubstr("SIGTERM: Shutting down"));
}

TEST_F(SlowLoad, SignalsThatComeTooEarlyAreNotForgotten) {
  write_corefile("large.yaml");
  MeshdnsProcess process(folder.path("."), {"-conf", "Corefile"});
  ASSERT_TRUE(process.prints("stands for")) << process.output() << process.errors();
  write_corefile("small.yaml");
  process.signal(SIGUSR1);
  EXPECT_TRUE(process.prints("Reloading complete", milliseconds(60'000))) << process.output();
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 0);
}

}  // namespace
}  // namespace meshdns::test
