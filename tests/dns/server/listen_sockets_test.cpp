#include "dns/server/listen_sockets.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace meshdns::server {
namespace {

SocketAddress address(std::string_view text) {
  return SocketAddress::parse(text, 0).value();
}

TEST(ListenSockets, OpensUdpAndTcpOnOnePortForEveryWorker) {
  const auto sockets = open_listen_sockets(address("127.0.0.1:0"), 3, {});
  ASSERT_TRUE(sockets) << sockets.error().what;
  EXPECT_EQ(sockets->configured.port, 0);
  EXPECT_NE(sockets->actual.port, 0);
  ASSERT_EQ(sockets->workers.size(), 3U);
  for (const SocketPair& pair : sockets->workers) {
    int is_listening = 0;
    socklen_t size = sizeof is_listening;
    EXPECT_EQ(::getsockopt(pair.tcp.fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size), 0);
    EXPECT_EQ(is_listening, 1);
    EXPECT_TRUE(pair.udp.fd.is_open());
  }
}

TEST(ListenSockets, AreNotSharedWithAnotherServer) {
  for (const unsigned workers : {1U, 2U}) {
    const auto first = open_listen_sockets(address("[::1]:0"), workers, {});
    ASSERT_TRUE(first) << first.error().what;
    for (const unsigned others : {1U, 2U}) {
      const auto second = open_listen_sockets(first->actual, others, {});
      ASSERT_FALSE(second) << workers << " and " << others;
      EXPECT_EQ(second.error().code, Errc::AddressInUse);
      EXPECT_EQ(second.error().what, "listen udp " + first->actual.to_string() + ": address already in use");
    }
  }
}

TEST(ListenSockets, WildcardsOfBothFamiliesShareAPort) {
  const auto v4 = open_listen_sockets(address("0.0.0.0:0"), 1, {});
  ASSERT_TRUE(v4);
  SocketAddress v6 = address("[::]:0");
  v6.port = v4->actual.port;
  EXPECT_TRUE(open_listen_sockets(v6, 1, {}));
}

TEST(ListenSockets, CanBeTakenAgainAtOnce) {
  SocketAddress actual;
  {
    const auto first = open_listen_sockets(address("127.0.0.1:0"), 2, {});
    ASSERT_TRUE(first);
    actual = first->actual;
  }
  EXPECT_TRUE(open_listen_sockets(actual, 1, {}));
}

TEST(ListenSockets, AnAddressOfNobodyCannotBeListenedOn) {
  const auto sockets = open_listen_sockets(address("192.0.2.1:5300"), 1, {});
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().code, Errc::CannotListen);
}

}  // namespace
}  // namespace meshdns::server
