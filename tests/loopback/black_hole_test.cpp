// Upstreams that never answer, and a flood of questions for them: nothing grows, and names of the mesh do not
// wait.
#include <atomic>
#include <fstream>
#include <thread>

#include <sys/socket.h>

#include "dns/server/open_socket.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

constexpr std::size_t kTable = 4096;  // questions in flight, by default

class BlackHole : public ServerTest {
 protected:
  // Of this process, in KiB: the server's and the test's, which does not grow.
#ifdef MESHDNS_SANITIZED
  static constexpr std::size_t kFlood = 2'000;
#else
  static constexpr std::size_t kFlood = 50'000;
#endif

  static long resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) {
        return std::stol(line.substr(6));
      }
    }
    return 0;
  }

  // Sends questions for new names, as fast as it can, and throws away what comes back.
  void flood(UdpClient& client, const std::atomic<bool>& is_over) {
    Octets query = make_query({.name = "n000000000.example.org"});
    while (!is_over) {
      const std::string number = std::to_string(1'000'000'000 + sent_++);
      std::copy(number.begin() + 1, number.end(), query.begin() + 14);  // behind `\12n`
      client.send(query);
      if (sent_ % 16 == 0) {
        while (client.receive(milliseconds(0))) {
        }
      }
    }
  }

  // Takes questions as long as its buffer has room, and keeps nothing in this process.
  server::ListenSocket upstream =
      server::open_socket(SOCK_DGRAM, socket_address("127.0.0.1:0"), server::Share::Exclusive, {}).value();
  std::atomic<std::size_t> sent_ = 0;
};

TEST_F(BlackHole, AFloodTowardsItCostsNeitherMemoryNorLocalAnswers) {
  BlockOptions only = mesh_block();
  // A socket of its own for names of the mesh: the kernel drops what overflows the other one's buffer.
  only.listen.push_back(socket_address("127.0.0.2:0"));
  forward_to(only, server::bound_address(upstream.fd.get()));
  start(only);
  std::atomic<bool> is_over = false;
  UdpClient flooding(address(0));
  std::jthread flooder([&] { flood(flooding, is_over); });
  UdpClient local(address(1));
  const auto ask_until = [&](const std::function<bool()>& enough) {
    std::size_t lost = 0;
    EXPECT_TRUE(becomes_true([&] {
      for (int i = 0; i < 20; ++i) {
        const auto reply = local.ask({.name = "backend.mesh"});
        lost += reply && reply->rcode == "NOERROR" ? 0 : 1;
      }
      return enough();
    }));
    return lost;
  };
  // The table is full: from here on nothing is new.
  EXPECT_EQ(ask_until([&] { return counters().in_flight_rejected > kTable; }), 0U);
  [[maybe_unused]] const long before = resident_kib();
  const std::size_t rejected = counters().in_flight_rejected;
  EXPECT_EQ(ask_until([&] { return counters().in_flight_rejected > rejected + kFlood; }), 0U);
  EXPECT_LE(server->status().in_flight, kTable);
#ifndef MESHDNS_SANITIZED
  EXPECT_LE(resident_kib() - before, 8 * 1024) << "KiB more, were " << before;
#endif
  is_over = true;
}

}  // namespace
}  // namespace meshdns::test
