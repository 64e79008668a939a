#include "dns/server/port_owner.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/base/unique_fd.hpp"
#include "dns/server/open_socket.hpp"
#include "dns/server/socket_address.hpp"

namespace meshdns::server {
namespace {

SocketAddress parsed(std::string_view text) {
  return SocketAddress::parse(text, 0).value();
}

std::string name_of_this_program() {
  std::ifstream comm("/proc/self/comm");
  std::string name;
  std::getline(comm, name);
  return name;
}

void expect_this_process(const SocketAddress& wanted) {
  const auto owner = find_port_owner(wanted);
  ASSERT_TRUE(owner) << wanted.to_string();
  EXPECT_EQ(owner->pid, ::getpid());
  EXPECT_EQ(owner->program, name_of_this_program());
}

TEST(PortOwner, IsWhoHasASocketOfTheAddress) {
  for (const char* text : {"127.0.0.1:0", "[::1]:0"}) {
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      const auto socket = open_socket(type, parsed(text), Share::Exclusive, {});
      ASSERT_TRUE(socket) << socket.error().what;
      expect_this_process(bound_address(socket->fd.get()));
    }
  }
}

TEST(PortOwner, IsWhoHasTheWildcardAndWhoIsInItsWay) {
  const auto wildcard = open_socket(SOCK_DGRAM, parsed("[::]:0"), Share::Exclusive, {});
  ASSERT_TRUE(wildcard);
  SocketAddress wanted = parsed("[::1]:0");
  wanted.port = bound_address(wildcard->fd.get()).port;
  expect_this_process(wanted);

  const auto single = open_socket(SOCK_STREAM, parsed("127.0.0.1:0"), Share::Exclusive, {});
  ASSERT_TRUE(single);
  wanted = parsed("0.0.0.0:0");
  wanted.port = bound_address(single->fd.get()).port;
  expect_this_process(wanted);
}

TEST(PortOwner, IsNobodyWhereThePortIsFreeOrTheAddressAnother) {
  SocketAddress taken;
  {
    const auto socket = open_socket(SOCK_DGRAM, parsed("127.0.0.1:0"), Share::Exclusive, {});
    ASSERT_TRUE(socket);
    taken = bound_address(socket->fd.get());
    SocketAddress beside = parsed("127.0.0.2:0");
    beside.port = taken.port;
    EXPECT_FALSE(find_port_owner(beside));
  }
  EXPECT_FALSE(find_port_owner(taken));
}

}  // namespace
}  // namespace meshdns::server
