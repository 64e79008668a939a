// What leaves the host: never a name of the mesh, whatever its type and letter case, whatever happens to the
// server meanwhile.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <thread>

#include "dns/wire/message.hpp"
#include "tests/loopback/server_fixture.hpp"
#include "tests/support/scripted_http.hpp"

namespace meshdns::test {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

class Leak : public ServerTest {
 protected:
  // Questions that name the mesh.
  std::vector<std::string> leaked() const {
    std::vector<std::string> names;
    for (std::string question : upstream.questions()) {
      std::ranges::transform(question, question.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (question.contains("mesh")) {
        names.push_back(std::move(question));
      }
    }
    return names;
  }

  // Names and types that a client may come upon.
  static std::vector<Octets> questions() {
    std::vector<Octets> all;
    for (const char* name :
         {"backend.mesh", "BackEnd.MESH", "nobody.mesh", "mesh", "_http._tcp.Backend.Mesh"}) {
      for (const char* type : {"A", "AAAA", "TXT", "HTTPS", "SRV", "NS", "DS", "ANY", "AXFR", "TYPE65280"}) {
        const auto id = static_cast<std::uint16_t>(all.size());
        all.push_back(make_query({.name = name, .type = type, .id = id}));
      }
    }
    return all;
  }

  support::ScriptedUpstream upstream{support::answer};
};

TEST_F(Leak, NoTypeOfAMeshNameIsAskedElsewhere) {
  BlockOptions only = mesh_block();
  forward_to(only, upstream.address());
  start(only);
  UdpClient client(address());
  Octets query = make_query({.name = "v4.mesh"});
  constexpr unsigned kAtATime = 64;  // all of them fit into any socket buffer
  for (unsigned first = 0; first < 65536; first += kAtATime) {
    for (unsigned type = first; type < first + kAtATime; ++type) {
      wire::store16(query.data(), static_cast<std::uint16_t>(type));
      wire::store16(&query[query.size() - 4], static_cast<std::uint16_t>(type));
      ASSERT_TRUE(client.send(query));
    }
    for (unsigned i = 0; i < kAtATime; ++i) {
      const auto reply = client.receive();
      ASSERT_TRUE(reply);
      const unsigned type = wire::load16(reply->data());
      if (type == wire::type::AXFR || type == wire::type::IXFR) {
        continue;
      }
      const bool has_data = type == wire::type::A || type == wire::type::ANY;
      EXPECT_EQ(wire::load16(&(*reply)[2]), 0x8580) << "TYPE" << type << ": NOERROR, aa, rd, ra";
      EXPECT_EQ(wire::load16(&(*reply)[6]), has_data ? 1 : 0) << "TYPE" << type;
      EXPECT_EQ(wire::load16(&(*reply)[8]), has_data ? 0 : 1) << "TYPE" << type << ": the SOA";
    }
  }
  EXPECT_THAT(upstream.seen(), IsEmpty());
}

TEST_F(Leak, NothingOfTheMeshLeavesFromTheFirstQueryToTheLast) {
  const std::string document = R"({"records":[{"name":"backend.mesh","ips":["240.0.0.1"]}],"ttl":30})";
  BlockOptions only = block();
  only.mesh.emplace().source.paths = {"unix:" + folder.path("dns.sock")};
  only.mesh->poll_interval = milliseconds(50);
  forward_to(only, upstream.address());
  only.cache.emplace();
  start({.blocks = {only}, .workers = 2});

  // Before the mesh is known.
  UdpClient early(address());
  TcpClient early_tcp(address());
  for (const Octets& query : questions()) {
    early.send(query);
    early_tcp.send(query);
  }
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"})) << "others are asked meanwhile";
  const support::ScriptedHttp http(folder.path("dns.sock"), support::document_script(document, "1"));
  ASSERT_TRUE(becomes_true([&] { return server->status().blocks[0].zone_loaded; }));
  std::size_t answered = 0;
  while (answered < questions().size() && early.receive()) {
    ++answered;
  }
  EXPECT_EQ(answered, questions().size());

  // While everything about it changes.
  std::atomic<bool> is_over = false;
  std::atomic<int> lost = 0;
  {
    std::jthread asker([&] {
      UdpClient udp(address());
      TcpClient tcp(address());
      while (!is_over) {
        for (const Octets& query : questions()) {
          udp.send(query);
          tcp.send(query);
          lost += (udp.receive() ? 0 : 1) + (tcp.receive() ? 0 : 1);
        }
      }
    });
    for (int i = 0; i < 20; ++i) {
      only.errors = i % 2 == 0;
      only.cache->success.max_ttl = std::chrono::seconds(60 + i);
      EXPECT_TRUE(server->reload({.blocks = {only}, .workers = 2}));
      MeshZone zone;
      zone.owns = {domain("mesh")};
      zone.records = {{.name = domain(i % 2 == 0 ? "backend.mesh" : "other.mesh"),
                       .addresses = {IpAddress::parse("240.0.0.2").value()}}};
      EXPECT_TRUE(server->replace_zone(0, zone));
    }
    is_over = true;
  }
  EXPECT_EQ(lost, 0);
  EXPECT_THAT(upstream.questions(), Contains("www.example.org 1"));
  EXPECT_THAT(leaked(), IsEmpty());
}

}  // namespace
}  // namespace meshdns::test
