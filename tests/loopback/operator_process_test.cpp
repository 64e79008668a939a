// The program beside its operator: a Corefile that changes, metrics of the process, a log that nobody reads.
#include <csignal>
#include <regex>
#include <thread>

#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"
#include "tests/support/http_client.hpp"

namespace meshdns::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Operator : public ::testing::Test {
 protected:
  void SetUp() override {
    folder.write("zone.yaml", "owns: [mesh]\nrecords:\n  - {name: backend.mesh, ips: [240.0.0.1]}\n");
    folder.write("other.yaml", "owns: [mesh]\nrecords:\n  - {name: backend.mesh, ips: [240.0.0.2]}\n");
  }

  void write_corefile(const std::string& directives) const {
    folder.replace("Corefile", ".:0 {\n    bind 127.0.0.1\n    " + directives + "\n}\n");
  }

  void start(const std::string& directives) {
    write_corefile(directives);
    process.emplace(folder.path("."), std::vector<std::string>{"-conf", "Corefile"});
    ASSERT_TRUE(process->prints("CoreDNS-")) << process->errors();
    std::smatch match;
    ASSERT_TRUE(std::regex_search(process->output(), match, std::regex(R"(\.:(\d+) on 127\.0\.0\.1\n)")));
    address = socket_address("127.0.0.1:" + match[1].str());
  }

  std::string backend() const {
    const auto reply = ask_udp(address, {.name = "backend.mesh"});
    return reply && !reply->answer.empty() ? reply->answer[0] : "no answer";
  }

  TemporaryFolder folder;
  std::optional<MeshdnsProcess> process;
  SocketAddress address;
};

TEST_F(Operator, AChangedCorefileIsPutInForce) {
  start("mesh zone.yaml\n    reload 2s 0");
  ASSERT_TRUE(process->prints("[INFO] plugin/reload: Running configuration SHA512 = "));
  write_corefile("mesh other.yaml\n    reload 2s 0");
  ASSERT_TRUE(process->prints("[INFO] Reloading complete\n")) << process->output();
  EXPECT_THAT(backend(), HasSubstr("240.0.0.2"));

  write_corefile("bogus\n    reload 2s 0");
  ASSERT_TRUE(
      process->prints("[ERROR] plugin/reload: Corefile changed but reload failed: Corefile:3 - Error during "
                      "parsing: Unknown directive 'bogus'\n"))
      << process->output();
  EXPECT_THAT(backend(), HasSubstr("240.0.0.2"));
  EXPECT_FALSE(process->prints("no such line", milliseconds(4500))) << "waits for two more looks";
  const std::string& output = process->output();
  EXPECT_EQ(output.find("reload failed"), output.rfind("reload failed")) << "a bad file is tried once";

  write_corefile("mesh zone.yaml");
  ASSERT_TRUE(process->prints("[INFO] Reloading complete\n[INFO]", milliseconds(0)) ||
              becomes_true([&] { return backend().contains("240.0.0.1"); }));
}

TEST_F(Operator, QuietMeansQuietAboutTheHashToo) {
  write_corefile("mesh zone.yaml\n    reload");
  process.emplace(folder.path("."),
                  std::vector<std::string>{"-conf", "Corefile", "-quiet", "-pidfile", folder.path("pid")});
  ASSERT_TRUE(becomes_true([&] { return std::filesystem::exists(folder.path("pid")); }));
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
  EXPECT_THAT(process->output(), Not(HasSubstr("SHA512")));
}

TEST_F(Operator, ALogThatNobodyReadsStallsNoQuery) {
  start("mesh zone.yaml\n    log");
  for (int i = 0; i < 4000; ++i) {  // far more than the pipe and the queue hold
    ASSERT_TRUE(ask_udp(address, {.name = "backend.mesh"}));
  }
  EXPECT_TRUE(process->prints("log lines dropped: nobody read standard output in time\n"))
      << "now it is read";
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
}

TEST_F(Operator, SaysNotReadyFirstAndEndsInTime) {
  start("mesh zone.yaml\n    ready 127.0.0.1:0\n    health 127.0.0.1:0 {\n        lameduck 1s\n    }");
  const auto began = std::chrono::steady_clock::now();
  process->signal(SIGTERM);
  ASSERT_TRUE(process->prints("SIGTERM: Shutting down"));
  EXPECT_THAT(backend(), HasSubstr("240.0.0.1")) << "it still serves";
  EXPECT_EQ(process->exit_code(), 0);
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, milliseconds(1000));
  EXPECT_LT(took, milliseconds(4500));
}

}  // namespace
}  // namespace meshdns::test
