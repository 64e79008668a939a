// Signals while a configuration is being read that takes long: here one from a pipe, whose other end we hold.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/base/unique_fd.hpp"
#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kCorefile = ".:0 {\n  bind 127.0.0.1\n}\n";

// A Corefile that is read only as far as it was written.
class PipedCorefile {
 public:
  explicit PipedCorefile(std::string path) : path_(std::move(path)) {
    ::unlink(path_.c_str());
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  }

  // True once somebody reads it: opening the other end fails as long as there is no reader.
  bool is_being_read() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      write_end_.reset(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
      if (write_end_.is_open()) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  void finish() {
    EXPECT_EQ(::write(write_end_.get(), kCorefile.data(), kCorefile.size()),
              static_cast<ssize_t>(kCorefile.size()));
    write_end_.reset();
  }

 private:
  std::string path_;
  base::UniqueFd write_end_;
};

class SlowLoad : public ::testing::Test {
 protected:
  TemporaryFolder folder;
};

TEST_F(SlowLoad, DoesNotDelayTheEndAtStart) {
  PipedCorefile corefile(folder.path("Corefile"));
  MeshdnsProcess process(folder.path("."), {"-conf", "Corefile"});
  ASSERT_TRUE(corefile.is_being_read()) << process.errors();
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 0);
  EXPECT_THAT(process.output(), HasSubstr("SIGTERM: Shutting down"));
}

TEST_F(SlowLoad, DoesNotDelayTheEndDuringAReload) {
  folder.write("Corefile", std::string(kCorefile));
  MeshdnsProcess process(folder.path("."), {"-conf", "Corefile"});
  ASSERT_TRUE(process.prints("CoreDNS-")) << process.output() << process.errors();
  PipedCorefile corefile(folder.path("Corefile"));
  process.signal(SIGUSR1);
  ASSERT_TRUE(corefile.is_being_read()) << process.output();
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 0);
  EXPECT_THAT(process.output(), HasSubstr("SIGTERM: Shutting down"));
}

TEST_F(SlowLoad, SignalsThatComeTooEarlyAreNotForgotten) {
  PipedCorefile corefile(folder.path("Corefile"));
  MeshdnsProcess process(folder.path("."), {"-conf", "Corefile"});
  ASSERT_TRUE(corefile.is_being_read()) << process.errors();
  process.signal(SIGUSR1);
  corefile.finish();
  ASSERT_TRUE(process.prints("SIGUSR1: Reloading")) << process.output();
  ASSERT_TRUE(corefile.is_being_read()) << process.output();
  corefile.finish();
  EXPECT_TRUE(process.prints("Reloading complete")) << process.output();
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 0);
}

}  // namespace
}  // namespace meshdns::test
