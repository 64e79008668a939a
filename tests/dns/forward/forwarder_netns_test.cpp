// Upstreams that need an address or a packet filter which not every host has: in a network namespace of our
// own.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

#include <sched.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::make_reply;
using support::Reaction;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

class ForwarderNetns : public ForwarderTest {
 protected:
  // Where `prepare`, a shell script, has succeeded. A thread can leave the network namespace of its process
  // without taking the others along.
  static void elsewhere(const std::string& prepare, const std::function<void()>& test) {
    bool is_skipped = false;
    std::thread([&] {
      if (::unshare(CLONE_NEWNET) != 0 || std::system(("ip link set lo up && " + prepare).c_str()) != 0) {
        is_skipped = true;
        return;
      }
      test();
    }).join();
    if (is_skipped) {
      GTEST_SKIP() << "needs CAP_SYS_ADMIN to make a network namespace, iproute2 and nft";
    }
  }

  // One that will be used for a while.
  std::uint16_t port_of_a_young_socket(const ScriptedUpstream& upstream) {
    for (;;) {
      ask({.name = "young" + std::to_string(upstream.seen().size()) + ".example.com"});
      const auto seen = upstream.seen();
      const std::uint16_t port = seen.back().source_port;
      if (std::ranges::count(seen, port, &SeenQuery::source_port) < 50) {
        return port;
      }
    }
  }
};

TEST_F(ForwarderNetns, AsksALinkLocalServerThroughItsInterfaceByUdpAndTcp) {
  elsewhere("ip address add fe80::53/64 dev lo nodad", [this] {
    ScriptedUpstream upstream(
        [](const SeenQuery& query) {
          return Reaction{
              .messages = {query.is_tcp ? make_reply(query, 9) : make_reply(query, 0, wire::flag::TC)}};
        },
        true, "fe80::53%lo");
    use({upstream.address()});
    ASSERT_NE(upstream.address().scope, 0U);
    EXPECT_EQ(ask().answers(), 9U);
  });
}

// What conntrack does to a flow whose far end is gone: nothing comes back to this source port, for as long as
// it is used.
TEST_F(ForwarderNetns, ASourcePortThatGetsNoAnswersCostsOneRetransmission) {
  constexpr const char* kTable =
      "nft 'table inet holes { set ports { type inet_service; }; chain in { type filter hook input priority "
      "0; "
      "udp sport @ports drop; }; }'";
  elsewhere(kTable, [this] {
    ScriptedUpstream upstream(answer);
    use({upstream.address()});
    ask({.name = "first.example.com"});
    const std::size_t before = open_descriptors();
    for (int hole = 0; hole < 3; ++hole) {
      const std::string port = std::to_string(port_of_a_young_socket(upstream));
      ASSERT_EQ(std::system(("nft add element inet holes ports '{ " + port + " }'").c_str()), 0);
      const auto timeouts = counters.upstream_timeouts.value();
      for (int i = 0; i < 2000 && counters.upstream_timeouts.value() == timeouts; ++i) {
        const std::string name = "n" + std::to_string(i) + ".hole" + std::to_string(hole) + ".example.com";
        const auto asked = submit({.name = name});
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        while (asked->outcomes == 0 && std::chrono::steady_clock::now() < give_up) {
          loop.restart();
          loop.run_one_for(milliseconds(20));
        }
        if (asked->outcomes == 0) {
          pass(milliseconds(400));
          run_until([&] { return asked->outcomes > 0; });
        }
        ASSERT_EQ(asked->answers(), 1U);
      }
      EXPECT_EQ(counters.upstream_timeouts.value(), timeouts + 1);
      for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(ask({.name = "after" + std::to_string(i) + port + ".example.com"}).answers(), 1U);
      }
      EXPECT_EQ(counters.upstream_timeouts.value(), timeouts + 1) << "the port is used again";
    }
    EXPECT_LE(open_descriptors(), before + 64);
    pass(milliseconds(12'000));
    EXPECT_LE(open_descriptors(), before) << "sockets are not kept";
  });
}

}  // namespace
}  // namespace meshdns::forward
