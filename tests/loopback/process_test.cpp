// The program itself: what it prints, how it ends, what signals do.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>

#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Program : public ::testing::Test {
 protected:
  void SetUp() override {
    folder.write("zone.yaml", "owns: [mesh]\nrecords:\n  - {name: backend.mesh, ips: [240.0.0.1]}\n");
    write_corefile("mesh zone.yaml");
  }

  void write_corefile(const std::string& directives) const {
    folder.replace("Corefile", ".:0 {\n    bind 127.0.0.1\n    " + directives + "\n}\n");
  }

  void run(const std::vector<std::string>& arguments) { process.emplace(folder.path("."), arguments); }

  // Waits for the line that names the port.
  void start(const std::vector<std::string>& arguments = {"-conf", "Corefile"}) {
    run(arguments);
    ASSERT_TRUE(process->prints("CoreDNS-")) << process->output();
    std::smatch match;
    ASSERT_TRUE(std::regex_search(process->output(), match, std::regex(R"(\.:(\d+) on 127\.0\.0\.1\n)")))
        << process->output();
    address = socket_address("127.0.0.1:" + match[1].str());
  }

  void expect_backend(const char* ip) {
    const auto reply = ask_udp(address, {.name = "backend.mesh"});
    ASSERT_TRUE(reply);
    EXPECT_THAT(reply->answer, ElementsAre(std::string("backend.mesh. 30 IN A ") + ip));
  }

  TemporaryFolder folder;
  std::optional<MeshdnsProcess> process;
  SocketAddress address;
};

TEST_F(Program, ServesACorefileAndEndsWithSigterm) {
  start();
  EXPECT_THAT(process->output(), StartsWith(".:" + std::to_string(address.port) + " on 127.0.0.1\nCoreDNS-"));
  expect_backend("240.0.0.1");
  EXPECT_TRUE(ask_tcp(address, {.name = "backend.mesh"}));
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
  EXPECT_THAT(process->output(), HasSubstr("[INFO] SIGTERM: Shutting down servers then terminating\n"));
  EXPECT_EQ(process->errors(), "");
}

TEST_F(Program, ServesWhatShorthandsSay) {
  support::ScriptedUpstream upstream(support::answer);
  start({"--zone", "zone.yaml", "--listen", "127.0.0.1:0", "--upstream", upstream.address().to_string()});
  expect_backend("240.0.0.1");
  EXPECT_TRUE(ask_udp(address, {.name = "www.example.org"}));
  EXPECT_THAT(upstream.questions(), ElementsAre("www.example.org 1"));
  process->signal(SIGINT);
  EXPECT_EQ(process->exit_code(), 0);
  EXPECT_THAT(process->output(), HasSubstr("[INFO] SIGINT: Shutting down\n"));
}

TEST_F(Program, SaysNothingWhenToldToBeQuiet) {
  run({"-conf", "Corefile", "-quiet", "-pidfile", "pid"});
  ASSERT_TRUE(becomes_true([&] { return fs::exists(folder.path("pid")); }));
  process->signal(SIGKILL);
  process->exit_code();
  EXPECT_EQ(process->output(), "");
  EXPECT_EQ(process->errors(), "");
}

TEST_F(Program, ShowsItsVersionInTwoLines) {
  for (const char* flag : {"-version", "--version"}) {
    run({flag});
    EXPECT_EQ(process->exit_code(), 0);
    EXPECT_TRUE(
        std::regex_match(process->output(), std::regex("CoreDNS-[0-9.]+.*\nmeshdns [^\n]*linux/[^\n]*\n")))
        << process->output();
    EXPECT_EQ(process->errors(), "");
  }
}

TEST_F(Program, ABadFlagIsUsageAndTwo) {
  run({"-bogus"});
  EXPECT_EQ(process->exit_code(), 2);
  EXPECT_EQ(process->output(), "");
  EXPECT_THAT(process->errors(), StartsWith("flag provided but not defined: -bogus\nUsage of"));
}

TEST_F(Program, ABadCorefileIsOneLineAndOne) {
  write_corefile("bogus");
  run({"-conf", "Corefile"});
  EXPECT_EQ(process->exit_code(), 1);
  EXPECT_EQ(process->output(), "");
  EXPECT_EQ(process->errors(), "Corefile:3 - Error during parsing: Unknown directive 'bogus'\n");
}

TEST_F(Program, AMissingCorefileIsOneLineAndOne) {
  run({"-conf", "absent"});
  EXPECT_EQ(process->exit_code(), 1);
  EXPECT_EQ(process->errors(), "loading Caddyfile via flag: open absent: no such file or directory\n");
}

TEST_F(Program, ABadZoneFileIsOneLineAndOne) {
  folder.write("zone.yaml", "records:\n  - {name: backend.mesh, ips: [1.2.3.400]}\n");
  run({"-conf", "Corefile"});
  EXPECT_EQ(process->exit_code(), 1);
  EXPECT_THAT(process->errors(), HasSubstr("zone.yaml:2:"));
  EXPECT_THAT(process->errors(), HasSubstr("1.2.3.400"));
}

TEST_F(Program, ABusyPortIsOneLineAndOne) {
  start();
  MeshdnsProcess second(folder.path("."), {"--zone", "zone.yaml", "--listen", address.to_string(), "-quiet"});
  EXPECT_EQ(second.exit_code(), 1);
  EXPECT_EQ(second.output(), "");
  EXPECT_EQ(second.errors(), "listen udp " + address.to_string() +
                                 ": address already in use, by meshdns (process " +
                                 std::to_string(process->pid()) + ")\n");
  expect_backend("240.0.0.1");
}

TEST_F(Program, ABusyPortDoesNotKeepItFromEnding) {
  start();
  for (const int signal : {SIGTERM, SIGINT}) {
    MeshdnsProcess second(folder.path("."), {"--zone", "zone.yaml", "--listen", address.to_string()});
    ASSERT_TRUE(second.prints("address already in use; trying again")) << second.output();
    second.signal(signal);
    EXPECT_EQ(second.exit_code(), 0);
    EXPECT_EQ(second.errors(), "");
  }
}

TEST_F(Program, ReloadsOnSigusr1) {
  start();
  folder.write("other.yaml", "owns: [mesh]\nrecords:\n  - {name: backend.mesh, ips: [240.0.0.2]}\n");
  write_corefile("mesh other.yaml");
  process->signal(SIGUSR1);
  ASSERT_TRUE(process->prints("[INFO] Reloading complete\n")) << process->output();
  EXPECT_THAT(process->output(), HasSubstr("[INFO] SIGUSR1: Reloading\n"));
  expect_backend("240.0.0.2");

  write_corefile("bogus");
  process->signal(SIGUSR1);
  ASSERT_TRUE(process->prints(
      "[ERROR] Restart failed: Corefile:3 - Error during parsing: Unknown directive 'bogus'\n"))
      << process->output();
  expect_backend("240.0.0.2");
}

TEST_F(Program, ReadsAChangedZoneByItself) {
  start();
  folder.replace("zone.yaml", "owns: [mesh]\nrecords:\n  - {name: backend.mesh, ips: [240.0.0.3]}\n");
  ASSERT_TRUE(process->prints("plugin/mesh: zone reloaded, 1 names")) << process->output();
  expect_backend("240.0.0.3");
  process->signal(SIGHUP);
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0) << "SIGHUP is nothing";
}

TEST_F(Program, KeepsAPidFileWhileItRuns) {
  start({"-conf", "Corefile", "-pidfile", folder.path("pid")});
  // It is written after the start lines.
  ASSERT_TRUE(
      becomes_true([&] { return fs::exists(folder.path("pid")) && fs::file_size(folder.path("pid")) > 0; }));
  std::ifstream file(folder.path("pid"));
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, std::to_string(process->pid()));
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
  EXPECT_FALSE(fs::exists(folder.path("pid")));
}

TEST_F(Program, SigtermUnderLoadLeavesNothingUnanswered) {
  support::ScriptedUpstream upstream(support::answer_after(milliseconds(200)));
  write_corefile("mesh zone.yaml\n    forward . " + upstream.address().to_string());
  start();
  std::atomic<int> answered = 0;
  std::atomic<int> lost = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      UdpClient client(address);
      for (int n = 0; !client.was_refused(); ++n) {
        const std::string name =
            i == 0 ? "n" + std::to_string(n) + ".example.org" : std::string("backend.mesh");
        if (client.ask({.name = name})) {
          ++answered;
        } else if (!client.was_refused()) {
          ++lost;
          return;
        }
      }
    });
  }
  ASSERT_TRUE(becomes_true([&] { return answered > 500 && !upstream.seen().empty(); }));
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
  clients.clear();
  EXPECT_EQ(lost, 0);
}

TEST_F(Program, ChecksWithoutServing) {
  write_corefile("mesh zone.yaml\n    forward . 192.0.2.1");
  run({"check", "-conf", "Corefile"});
  EXPECT_EQ(process->exit_code(), 0) << process->errors();
  EXPECT_THAT(process->output(), HasSubstr("zone.yaml"));
  EXPECT_THAT(process->output(), HasSubstr("192.0.2.1"));
  folder.write("zone.yaml", "records: [{name: a.mesh}]\n");
  run({"check", "-conf", "Corefile"});
  EXPECT_EQ(process->exit_code(), 1);
  EXPECT_THAT(process->errors(), HasSubstr("zone.yaml:1:"));
}

TEST_F(Program, ExplainsWhoWouldAnswer) {
  write_corefile("mesh zone.yaml\n    forward . 192.0.2.1");
  run({"explain", "backend.mesh", "-conf", "Corefile"});
  EXPECT_EQ(process->exit_code(), 0) << process->errors();
  EXPECT_THAT(process->output(), HasSubstr("zone.yaml:3"));
  EXPECT_THAT(process->output(), HasSubstr("240.0.0.1"));
  run({"explain", "www.example.org", "AAAA", "-conf", "Corefile"});
  EXPECT_EQ(process->exit_code(), 0) << process->errors();
  EXPECT_THAT(process->output(), HasSubstr("192.0.2.1"));
  EXPECT_THAT(process->output(), Not(HasSubstr("240.0.0.1")));
}

}  // namespace
}  // namespace meshdns::test
