// Addresses, workers and blocks: who answers where, and from which address.
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>

#include "dns/server/socket_address.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Listen : public ServerTest {
 protected:
  static SocketAddress with_ip(std::string_view ip, std::uint16_t port) {
    return {.ip = IpAddress::parse(ip).value(), .port = port};
  }

  // Keeps a port of 127.0.0.1 busy for one protocol.
  // The other protocol has the port free: no client asks from this address.
  static base::UniqueFd occupy(int type, SocketAddress& address) {
    base::UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    server::KernelAddress kernel = server::to_kernel(socket_address("127.0.0.34:0"));
    EXPECT_EQ(::bind(fd.get(), kernel.get(), kernel.size), 0);
    EXPECT_TRUE(type != SOCK_STREAM || ::listen(fd.get(), 1) == 0);
    ::getsockname(fd.get(), kernel.get(), &kernel.size);
    address = server::from_kernel(kernel.storage);
    return fd;
  }
};

TEST_F(Listen, RepliesLeaveAWildcardSocketFromTheAddressThatWasAsked) {
  BlockOptions options = mesh_block();
  options.listen = {socket_address("0.0.0.0:0"), socket_address("[::]:0")};
  start(options);
  for (const SocketAddress& listening : server->status().listening) {
    const auto ips = listening.ip.is_v6 ? std::vector<std::string>{"::1"}
                                        : std::vector<std::string>{"127.0.0.1", "127.0.0.2", "127.77.1.9"};
    for (const std::string& ip : ips) {
      const SocketAddress asked = with_ip(ip, listening.port);
      UdpClient unconnected(asked, false);
      ASSERT_TRUE(unconnected.ask({.name = "backend.mesh"})) << ip;
      EXPECT_EQ(unconnected.last_sender(), asked);
      EXPECT_TRUE(ask_tcp(asked, {.name = "backend.mesh"})) << ip;
    }
  }
}

TEST_F(Listen, LateRepliesLeaveFromTheAddressThatWasAskedToo) {
  support::ScriptedUpstream upstream(support::answer);
  BlockOptions options = block("0.0.0.0:0");
  forward_to(options, upstream.address());
  start(options);
  UdpClient unconnected(with_ip("127.0.0.2", address().port), false);
  ASSERT_TRUE(unconnected.ask({.name = "www.example.com"}));
  EXPECT_EQ(unconnected.last_sender().ip.to_string(), "127.0.0.2");
}

TEST_F(Listen, TwoWorkersAnswerEverySourcePort) {
  start({.blocks = {mesh_block()}, .workers = 2});
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"})) << i;
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(ask_tcp(address(), {.name = "backend.mesh"})) << i;
  }
  EXPECT_EQ(counters().udp_queries, 200U);
  EXPECT_EQ(counters().tcp_queries, 50U);
}

TEST_F(Listen, ASecondServerOnTheAddressFails) {
  for (const unsigned workers : {1U, 3U}) {
    start({.blocks = {mesh_block()}, .workers = workers});
    BlockOptions options = mesh_block();
    options.listen = {address()};
    const auto second = Server::start({.blocks = {options}, .workers = workers}, nullptr);
    ASSERT_FALSE(second) << workers;
    EXPECT_EQ(second.error().code, Errc::AddressInUse);
    EXPECT_THAT(second.error().what, HasSubstr(address().to_string() + ": address already in use"));
    EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
    server.reset();
  }
}

TEST_F(Listen, OneProtocolTakenIsEnoughToFail) {
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    SocketAddress taken;
    const auto holder = occupy(type, taken);
    BlockOptions options = mesh_block();
    options.listen = {taken};
    const auto refused = Server::start({.blocks = {options}, .workers = 2}, nullptr);
    ASSERT_FALSE(refused) << type;
    EXPECT_EQ(refused.error().code, Errc::AddressInUse);
    EXPECT_THAT(refused.error().what, HasSubstr(type == SOCK_DGRAM ? "udp" : "tcp"));
  }
}

TEST_F(Listen, AnAddressThatBecomesFreeSoonIsTaken) {
  SocketAddress taken;
  auto holder = occupy(SOCK_DGRAM, taken);
  std::jthread releases([&] {
    EXPECT_TRUE(log.wait_for("listen udp " + taken.to_string() + ": address already in use; trying again"));
    holder.reset();
  });
  BlockOptions options = mesh_block();
  options.listen = {taken};
  start(options);
  EXPECT_TRUE(ask_udp(taken, {.name = "backend.mesh"}));
  EXPECT_TRUE(ask_tcp(taken, {.name = "backend.mesh"}));
}

TEST_F(Listen, AReloadToABusyAddressFailsAtOnceAndChangesNothing) {
  BlockOptions options = mesh_block();
  start(options);
  SocketAddress taken;
  const auto holder = occupy(SOCK_DGRAM, taken);
  options.listen = {socket_address("127.0.0.1:0"), taken};
  const auto reloaded = server->reload({.blocks = {options}});
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().code, Errc::AddressInUse);
  EXPECT_THAT(reloaded.error().what,
              HasSubstr(taken.to_string() + ": address already in use, by this process"));
  EXPECT_EQ(log.count("trying again"), 0U);
  EXPECT_THAT(server->status().listening, SizeIs(1));
  EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
}

TEST_F(Listen, AnAddressOfNobodyFailsEvenBesideAGoodOne) {
  BlockOptions options = mesh_block();
  options.listen.push_back(socket_address("192.0.2.77:0"));
  const auto refused = Server::start({.blocks = {options}}, nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::CannotListen);
}

TEST_F(Listen, TheLongestZoneOfTheAddressTakesTheQuery) {
  const auto zone = [&](const char* file, const char* name, const char* ip) {
    MeshOptions mesh;
    mesh.source.paths = {
        folder.write(file, std::string("owns: []\nrecords: [{name: ") + name + ", ips: [" + ip + "]}]\n")};
    return mesh;
  };
  BlockOptions wide = block();
  wide.zones = {domain("test"), domain("other")};
  wide.mesh = zone("wide.yaml", "a.b.test", "240.0.0.1");
  BlockOptions narrow = block();
  narrow.zones = {domain("b.test")};
  narrow.mesh = zone("narrow.yaml", "a.b.test", "240.0.0.2");
  BlockOptions elsewhere = block("[::1]:0");
  elsewhere.mesh = zone("elsewhere.yaml", "a.b.test", "240.0.0.3");
  start({.blocks = {wide, narrow, elsewhere}});

  const auto listening = server->status().listening;
  ASSERT_THAT(listening, SizeIs(2));
  const auto& v4 = listening[listening[0].ip.is_v6 ? 1 : 0];
  const auto& v6 = listening[listening[0].ip.is_v6 ? 0 : 1];
  const auto narrow_reply = ask_udp(v4, {.name = "A.B.test"});
  ASSERT_TRUE(narrow_reply);
  EXPECT_THAT(narrow_reply->answer, ElementsAre(HasSubstr("240.0.0.2")));
  const auto v6_reply = ask_tcp(v6, {.name = "a.b.test"});
  ASSERT_TRUE(v6_reply);
  EXPECT_THAT(v6_reply->answer, ElementsAre(HasSubstr("240.0.0.3")));
  for (const char* name : {"c.test", "xb.test", "com"}) {
    const auto reply = ask_udp(v4, {.name = name});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "REFUSED") << name;
  }
}

TEST_F(Listen, RefusesOptionsThatServeNothing) {
  for (const ServerOptions& options : {ServerOptions{}, ServerOptions{.blocks = {BlockOptions{}}},
                                       ServerOptions{.blocks = {block()}, .workers = 0}}) {
    const auto refused = Server::start(options, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::InvalidConfig);
  }
}

}  // namespace
}  // namespace meshdns::test
