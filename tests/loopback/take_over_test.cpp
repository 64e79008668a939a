// Sockets that are opened elsewhere and passed: a start in front of which queries may wait, and a second
// process that takes over from a first one.
#include <atomic>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "dns/server/listen_sockets.hpp"
#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class TakeOver : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = server::open_listen_sockets(socket_address("127.0.0.1:0"), 1, {});
    ASSERT_TRUE(opened) << opened.error().what;
    sockets = std::move(*opened);
    folder.write("zone.yaml", "owns: [mesh]\nrecords:\n  - {name: backend.mesh, ips: [240.0.0.1]}\n");
    write_corefile();
  }

  void write_corefile(const std::string& directives = "") const {
    folder.replace("Corefile",
                   fmt::format(".:{} {{\n bind 127.0.0.1\n multisocket 2\n mesh zone.yaml\n {}\n}}\n",
                               address().port, directives));
  }

  std::unique_ptr<MeshdnsProcess> run(std::vector<std::string> arguments = {"-conf", "Corefile"}) const {
    return std::make_unique<MeshdnsProcess>(
        folder.path("."), std::move(arguments),
        Manner{.sockets = {sockets.workers[0].udp.fd.get(), sockets.workers[0].tcp.fd.get()}});
  }

  std::unique_ptr<MeshdnsProcess> start() const {
    auto process = run();
    EXPECT_TRUE(process->prints("CoreDNS-")) << process->output() << process->errors();
    return process;
  }

  SocketAddress address() const { return sockets.actual; }

  TemporaryFolder folder;
  server::ListenSockets sockets;
};

// Keeps a few queries under way all the time, each with an id of its own, and counts what comes back for
// which.
class UdpLoad {
 public:
  explicit UdpLoad(const SocketAddress& server) : client_(server), thread_([this] { run(); }) {}
  ~UdpLoad() { finish(); }

  std::size_t answered() const { return answered_; }

  // Sends no more and waits for what is owed.
  void finish() {
    stopping_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  // Ids whose number of answers is not their number of queries.
  std::size_t wrong() const {
    std::size_t count = 0;
    for (std::size_t id = 0; id < owed_.size(); ++id) {
      count += owed_[id] == 0 ? 0 : 1;
    }
    return count;
  }
  bool was_refused() const { return client_.was_refused(); }

 private:
  static constexpr std::size_t kUnderWay = 32;

  void run() {
    Octets query = make_query({.name = "backend.mesh"});
    std::size_t sent = 0;
    bool is_lost = false;
    while (!client_.was_refused() && !is_lost && (!stopping_ || answered_ < sent)) {
      for (; !stopping_ && sent - answered_ < kUnderWay; ++sent) {
        query[0] = static_cast<std::uint8_t>(sent >> 8);
        query[1] = static_cast<std::uint8_t>(sent);
        client_.send(query);
        ++owed_[sent & 0xffff];
      }
      const auto reply = client_.receive(milliseconds(5000));
      is_lost = !reply;
      if (reply) {
        --owed_[static_cast<std::size_t>((*reply)[0] << 8 | (*reply)[1])];
        ++answered_;
      }
    }
    while (client_.receive(milliseconds(0))) {
      ++owed_[0];  // one more than there were queries
    }
  }

  UdpClient client_;
  std::vector<int> owed_ = std::vector<int>(0x10000);
  std::atomic<std::size_t> answered_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// A connection for each query. One that ends without an answer is tried once more, as RFC 7766 6.2.4 asks.
class TcpLoad {
 public:
  explicit TcpLoad(const SocketAddress& server) : server_(server), thread_([this] { run(); }) {}
  ~TcpLoad() { finish(); }

  std::size_t answered() const { return answered_; }
  std::size_t lost() const { return lost_; }
  void finish() {
    stopping_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  void run() {
    while (!stopping_) {
      const bool done =
          ask_tcp(server_, {.name = "backend.mesh"}) || ask_tcp(server_, {.name = "backend.mesh"});
      ++(done ? answered_ : lost_);
    }
  }

  SocketAddress server_;
  std::atomic<std::size_t> answered_ = 0;
  std::atomic<std::size_t> lost_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

TEST_F(TakeOver, AnswersOnTheSocketsThatWerePassed) {
  UdpClient early(address());
  early.send(make_query({.name = "backend.mesh"}));  // waits in the socket
  const auto process = start();
  EXPECT_TRUE(early.receive());
  EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  EXPECT_TRUE(ask_tcp(address(), {.name = "backend.mesh"}));
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
  UdpClient late(address());
  late.send(make_query({.name = "backend.mesh"}));
  EXPECT_FALSE(late.was_refused()) << "the socket is still there";
  const auto next = start();
  EXPECT_TRUE(late.receive());
}

TEST_F(TakeOver, QuietDoesNotKeepBackTheLogOfWhatWasAskedMeanwhile) {
  write_corefile("log");
  UdpClient early(address());
  early.send(make_query({.name = "backend.mesh"}));
  const auto process = run({"-conf", "Corefile", "-quiet"});
  EXPECT_TRUE(process->prints("A IN backend.mesh. udp"));
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
  EXPECT_THAT(process->output(), StartsWith("[INFO] 127.0.0.1")) << "and nothing else of the start is told";
}

TEST_F(TakeOver, AReloadKeepsThemAndFindsThemAgain) {
  const auto process = start();
  const auto reload = [&](const std::string& line) {
    process->signal(SIGUSR1);
    ASSERT_TRUE(process->prints(line)) << process->output();
  };
  write_corefile("errors");
  reload("Reloading complete");
  EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  EXPECT_TRUE(ask_tcp(address(), {.name = "backend.mesh"}));

  folder.replace("Corefile", ".:0 {\n bind 127.0.0.1\n mesh zone.yaml\n}\n");
  reload("no server block listens on the passed socket udp " + address().to_string());
  UdpClient waits(address());
  waits.send(make_query({.name = "backend.mesh"}));
  write_corefile("minimal");
  reload("Reloading complete");
  EXPECT_TRUE(waits.receive()) << "bound again it could not be: the test has it, too";
  EXPECT_TRUE(ask_tcp(address(), {.name = "backend.mesh"}));
}

TEST_F(TakeOver, LosesNothingUnderLoad) {
  auto first = start();
  UdpLoad udp(address());
  TcpLoad tcp(address());
  const auto both_get = [&](std::size_t more_udp, std::size_t more_tcp) {
    const std::size_t udp_before = udp.answered();
    const std::size_t tcp_before = tcp.answered();
    return becomes_true(
        [&] { return udp.answered() >= udp_before + more_udp && tcp.answered() >= tcp_before + more_tcp; });
  };
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(both_get(2000, 100));
    auto second = start();
    ASSERT_TRUE(both_get(500, 20));
    first->signal(SIGTERM);
    EXPECT_EQ(first->exit_code(), 0);
    first = std::move(second);
  }
  ASSERT_TRUE(both_get(2000, 100));
  udp.finish();
  tcp.finish();
  EXPECT_EQ(udp.wrong(), 0U);
  EXPECT_FALSE(udp.was_refused());
  EXPECT_EQ(tcp.lost(), 0U);
}

TEST_F(TakeOver, TwoSocketsOfOneAddressEndTheStart) {
  MeshdnsProcess process(folder.path("."), {"-conf", "Corefile"},
                         {.sockets = {sockets.workers[0].udp.fd.get(), sockets.workers[0].udp.fd.get()}});
  EXPECT_EQ(process.exit_code(), 1);
  EXPECT_THAT(process.errors(), HasSubstr("two sockets were passed for udp " + address().to_string()));
}

}  // namespace
}  // namespace meshdns::test
