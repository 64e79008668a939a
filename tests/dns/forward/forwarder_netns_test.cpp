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

// Counts what is sent to 127.0.0.77 and above, with the mark and without it.
constexpr const char* kMarkCounters =
    "nft 'table inet marks { counter by_udp { }; counter by_tcp { }; counter unmarked { }; "
    "chain sent { type filter hook output priority 0; ip daddr != 127.0.0.77-127.0.0.79 accept; "
    "meta mark != 0x5a counter name unmarked accept; meta l4proto udp counter name by_udp; "
    "meta l4proto tcp counter name by_tcp; }; }'";

std::uint64_t packets(const std::string& counter) {
  std::string text(4096, '\0');
  std::FILE* const pipe = ::popen(("nft list counter inet marks " + counter).c_str(), "r");
  text.resize(std::fread(text.data(), 1, text.size(), pipe));
  ::pclose(pipe);
  constexpr std::string_view kLabel = "packets ";
  const auto at = text.find(kLabel);
  EXPECT_NE(at, std::string::npos) << text;
  return at == std::string::npos ? 0 : std::stoull(text.substr(at + kLabel.size()));
}

TEST_F(ForwarderNetns, MarksWhatItSendsByUdpTcpAndTls) {
  elsewhere(kMarkCounters, [this] {
    ScriptedUpstream upstream(
        [](const SeenQuery& query) {
          return Reaction{
              .messages = {query.is_tcp ? make_reply(query, 9) : make_reply(query, 0, wire::flag::TC)}};
        },
        true, "127.0.0.77");
    ForwardOptions marked{.mark = 0x5A};
    marked.to = {upstream.address()};
    use_block({.forward = {marked}});
    EXPECT_EQ(ask().answers(), 9U);
    EXPECT_EQ(packets("by_udp"), 1U);
    const auto tcp = packets("by_tcp");
    EXPECT_GE(tcp, 3U) << "a handshake and a query";

    ScriptedUpstream no_tls(answer, true, "127.0.0.78");
    marked.to = {TlsUpstream{.address = no_tls.address(), .server_name = {}}};
    use_block({.forward = {marked}});
    submit({.name = "tls.example.com"});
    run_until([&] { return packets("by_tcp") > tcp + 2; });  // a handshake, and what TLS begins with

    ScriptedUpstream dead(support::silence, true, "127.0.0.79");
    marked.to = {dead.address()};
    use_block({.forward = {marked}});
    submit({.name = "probed.example.com"});
    run_until([&] { return !dead.seen().empty(); });
    pass(milliseconds(4400));
    run_until([&] { return dead.questions().contains(" 2") && packets("by_udp") == 1 + dead.seen().size(); });
    EXPECT_EQ(packets("unmarked"), 0U);

    use({upstream.address()});
    EXPECT_EQ(ask({.name = "next.example.com"}).answers(), 9U);
    EXPECT_GE(packets("unmarked"), 4U) << "sockets are not shared with a line without the mark";
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
