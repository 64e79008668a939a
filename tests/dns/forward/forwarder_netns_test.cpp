// Upstreams that need an address which not every host has: in a network namespace of our own.
#include <cstdlib>
#include <thread>

#include <sched.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::make_reply;
using support::Reaction;

using ForwarderNetns = ForwarderTest;

TEST_F(ForwarderNetns, AsksALinkLocalServerThroughItsInterfaceByUdpAndTcp) {
  bool is_skipped = false;
  // A thread can leave the network namespace of its process without taking the others along.
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) != 0 ||
        std::system("ip link set lo up && ip address add fe80::53/64 dev lo nodad") != 0) {
      is_skipped = true;
      return;
    }
    ScriptedUpstream upstream(
        [](const SeenQuery& query) {
          return Reaction{
              .messages = {query.is_tcp ? make_reply(query, 9) : make_reply(query, 0, wire::flag::TC)}};
        },
        true, "fe80::53%lo");
    use({upstream.address()});
    ASSERT_NE(upstream.address().scope, 0U);
    EXPECT_EQ(ask().answers(), 9U);
  }).join();
  if (is_skipped) {
    GTEST_SKIP() << "needs CAP_SYS_ADMIN to make a network namespace, and iproute2";
  }
}

}  // namespace
}  // namespace meshdns::forward
