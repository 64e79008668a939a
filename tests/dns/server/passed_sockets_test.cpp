#include "dns/server/passed_sockets.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/server/listen_sockets.hpp"
#include "dns/server/socket_address.hpp"

namespace meshdns::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PassedSocketsTest : public ::testing::Test {
 protected:
  // As a service manager makes it: bound, blocking, not listening; both types on one port.
  SocketAddress pass(std::string_view text, int type, std::uint16_t port = 0) {
    SocketAddress address = SocketAddress::parse(text, port).value();
    const KernelAddress kernel = to_kernel(address);
    const int fd = ::socket(address.ip.is_v6 ? AF_INET6 : AF_INET, type, 0);
    EXPECT_EQ(::bind(fd, kernel.get(), kernel.size), 0);
    descriptors.push_back(fd);
    return bound_address(fd);
  }

  void take() {
    const auto taken = passed.take(descriptors, warnings);
    ASSERT_TRUE(taken) << taken.error().what;
  }

  static int option(int fd, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
    return value;
  }

  std::vector<int> descriptors;
  PassedSockets passed;
  std::vector<std::string> warnings;
};

TEST_F(PassedSocketsTest, AreUsedByAllWorkersWithTheOptionsOfOurOwn) {
  const SocketAddress address = pass("0.0.0.0", SOCK_DGRAM);
  pass("0.0.0.0", SOCK_STREAM, address.port);
  take();
  EXPECT_THAT(warnings, IsEmpty());
  const auto sockets = open_listen_sockets(address, 2, passed);
  ASSERT_TRUE(sockets) << sockets.error().what;
  EXPECT_EQ(sockets->actual, address);
  ASSERT_EQ(sockets->workers.size(), 2U);
  for (const SocketPair& pair : sockets->workers) {
    EXPECT_TRUE(pair.udp.is_passed && pair.tcp.is_passed);
    for (const int fd : {pair.udp.fd.get(), pair.tcp.fd.get()}) {
      EXPECT_EQ(bound_address(fd), address);
      EXPECT_TRUE(::fcntl(fd, F_GETFL) & O_NONBLOCK);
      EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
    EXPECT_EQ(option(pair.udp.fd.get(), IPPROTO_IP, IP_PKTINFO), 1);
    EXPECT_EQ(option(pair.tcp.fd.get(), SOL_SOCKET, SO_ACCEPTCONN), 1);
  }
  EXPECT_TRUE(::fcntl(descriptors[0], F_GETFD) & FD_CLOEXEC);
}

TEST_F(PassedSocketsTest, KeepAReceiveBufferThatIsLargerThanOursWouldBe) {
  const SocketAddress address = pass("127.0.0.1", SOCK_DGRAM);
  const int small = 4096;
  ::setsockopt(descriptors[0], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  take();
  const auto ours =
      open_socket(SOCK_DGRAM, SocketAddress::parse("127.0.0.1:0", 0).value(), Share::Exclusive, {});
  ASSERT_TRUE(ours && open_socket(SOCK_DGRAM, address, Share::Exclusive, passed));
  const int usual = option(ours->fd.get(), SOL_SOCKET, SO_RCVBUF);
  EXPECT_EQ(option(descriptors[0], SOL_SOCKET, SO_RCVBUF), usual) << "what is too small grows";

  const int large = 8 * 1024 * 1024;
  if (::setsockopt(descriptors[0], SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof large) == 0) {  // root may
    ASSERT_TRUE(open_socket(SOCK_DGRAM, address, Share::Exclusive, passed));
    EXPECT_EQ(option(descriptors[0], SOL_SOCKET, SO_RCVBUF), 2 * large);
  }
}

TEST_F(PassedSocketsTest, OneOfTheTwoProtocolsIsEnough) {
  const SocketAddress address = pass("[::1]", SOCK_DGRAM);
  take();
  const auto sockets = open_listen_sockets(address, 2, passed);
  ASSERT_TRUE(sockets) << sockets.error().what;
  EXPECT_TRUE(sockets->workers[1].udp.is_passed);
  EXPECT_FALSE(sockets->workers[1].tcp.is_passed);
}

TEST_F(PassedSocketsTest, AWildcardForBothFamiliesIsRefused) {
  const SocketAddress address = pass("[::]", SOCK_DGRAM);
  take();
  const auto sockets = open_listen_sockets(address, 1, passed);
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().code, Errc::CannotListen);
  EXPECT_THAT(sockets.error().what, HasSubstr("BindIPv6Only=ipv6-only"));
}

TEST_F(PassedSocketsTest, TwoForOneAddressAreRefused) {
  const SocketAddress address = pass("127.0.0.1", SOCK_DGRAM);
  descriptors.push_back(::dup(descriptors[0]));
  const auto taken = passed.take(descriptors, warnings);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::InvalidConfig);
  EXPECT_THAT(taken.error().what, HasSubstr("udp " + address.to_string()));
}

TEST_F(PassedSocketsTest, WhatCannotBeUsedIsAWarning) {
  const int unbound = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int local = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const int file = ::open("/dev/null", O_RDONLY);
  descriptors = {unbound, local, file};
  take();
  EXPECT_THAT(warnings, ElementsAre(HasSubstr(std::to_string(unbound)), HasSubstr(std::to_string(local)),
                                    HasSubstr(std::to_string(file))));
  EXPECT_EQ(::fcntl(unbound, F_GETFD), -1) << "closed";
}

TEST_F(PassedSocketsTest, WhatNoBlockListensOnIsAWarning) {
  const SocketAddress used = pass("127.0.0.1", SOCK_DGRAM);
  const SocketAddress unused = pass("127.0.0.1", SOCK_STREAM);
  take();
  EXPECT_THAT(passed.unused({used}), ElementsAre(HasSubstr("tcp " + unused.to_string())));
}

}  // namespace
}  // namespace meshdns::server
