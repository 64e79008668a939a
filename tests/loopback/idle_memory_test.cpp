// What the program costs a host that hardly asks it anything: the memory of the process once it serves.
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "tests/loopback/envoy_dns_filter.hpp"
#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

constexpr long kMostKib = 10 * 1024;

class IdleMemory : public ::testing::Test {
 protected:
  void SetUp() override {
#ifdef MESHDNS_SANITIZED
    GTEST_SKIP() << "the sanitizer's own memory is many times as much";
#endif
  }

  void expect_little(const std::vector<std::string>& arguments, const std::string& known_name) {
    MeshdnsProcess process(folder.path("."), arguments);
    ASSERT_TRUE(becomes_true([&] { return ask_udp(address, {.name = known_name}).has_value(); }));
    // It answers a moment before it has given back what its start took.
    const auto is_little = [&] { return resident_kib(process.pid()) < kMostKib; };
    EXPECT_TRUE(becomes_true(is_little)) << resident_kib(process.pid()) << " KiB";
    EXPECT_GT(resident_kib(process.pid()), 0);
    process.signal(SIGTERM);
    EXPECT_EQ(process.exit_code(), 0);
  }

  static long resident_kib(pid_t pid) {
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) {
        return std::stol(line.substr(6));
      }
    }
    return 0;
  }

  TemporaryFolder folder;
  SocketAddress address = support::closed_port();
};

TEST_F(IdleMemory, IsLittleWithTheBuiltInConfiguration) {
  // But for the resolvers of this host, which a test leaves in peace.
  const std::string nobody = support::closed_port().to_string();
  expect_little({"--listen", address.to_string(), "--upstream", nobody, "-quiet"}, "backend.mesh");
}

TEST_F(IdleMemory, IsLittleWithTheCorefileOfKumaDp) {
  support::ScriptedUpstream filter(envoy_dns_filter(FilterFamilies::Ipv4Only), false);
  support::ScriptedUpstream resolver(support::answer);
  const std::string corefile =
      folder.write("Corefile", fmt::format(".:{} {{\n"
                                           "    forward . {}\n"
                                           "    alternate NOTIMP,FORMERR,NXDOMAIN,SERVFAIL,REFUSED . {}\n"
                                           "    prometheus localhost:{}\n"
                                           "    errors\n"
                                           "}}\n",
                                           address.port, filter.address().to_string(),
                                           resolver.address().to_string(), support::closed_port().port));
  expect_little({"-conf", corefile, "-quiet"}, "up.example.org");
}

}  // namespace
}  // namespace meshdns::test
