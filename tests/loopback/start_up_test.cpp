// The time before the first document of a mesh: its names wait, all others are answered at once.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "tests/loopback/server_fixture.hpp"
#include "tests/support/scripted_http.hpp"

namespace meshdns::test {
namespace {

namespace fs = std::filesystem;
using support::document_script;
using support::http_status;
using support::ScriptedHttp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Clock = std::chrono::steady_clock;

const std::string kDocument =
    R"({"records":[{"name":"backend.mesh","ips":["240.0.0.1"]},{"name":"api.example.com","ips":["240.0.0.2"]}],"ttl":30})";

class StartUp : public ServerTest {
 protected:
  // A mesh whose document is at socket().
  BlockOptions waiting_block() {
    BlockOptions only = block();
    only.mesh.emplace().source.paths = {"unix:" + socket()};
    only.mesh->poll_interval = milliseconds(100);
    forward_to(only, upstream.address());
    return only;
  }
  std::string socket() const { return folder.path("dns.sock"); }
  std::unique_ptr<ScriptedHttp> serve_document() const {
    return std::make_unique<ScriptedHttp>(socket(), document_script(kDocument, "1"));
  }

  static std::string rcode(const std::optional<Octets>& datagram) {
    const auto reply = datagram ? read_reply(*datagram) : std::nullopt;
    return reply ? reply->rcode : "no answer";
  }
  static std::vector<std::string> answer(const std::optional<Octets>& datagram) {
    const auto reply = datagram ? read_reply(*datagram) : std::nullopt;
    return reply ? reply->answer : std::vector<std::string>{"no answer"};
  }

  // What `scenario` saw, in a run that was over before a query that waits gives up: machines stall.
  static std::vector<std::string> in_time(const std::function<std::vector<std::string>()>& scenario) {
    for (;;) {
      const auto since = Clock::now();
      std::vector<std::string> seen = scenario();
      if (Clock::now() - since < milliseconds(1900) || HasFailure()) {
        return seen;
      }
    }
  }

  // A client whose query is waiting at the server.
  std::unique_ptr<UdpClient> waiting_client(const std::string& name) {
    const std::uint64_t before = counters().udp_queries;
    auto client = std::make_unique<UdpClient>(address());
    client->send(make_query({.name = name}));
    EXPECT_TRUE(becomes_true([&] { return counters().udp_queries > before; }));
    return client;
  }

  support::ScriptedUpstream upstream{support::answer};
};

TEST_F(StartUp, QueriesWaitForTheDocumentAndAreAnsweredWhenItComes) {
  std::unique_ptr<ScriptedHttp> http;
  std::size_t run = 0;
  const auto seen = in_time([&] {
    http.reset();
    server.reset();
    start({.blocks = {waiting_block()}, .workers = 2});
    EXPECT_TRUE(log.wait_for("No such file or directory, it is asked for again", ++run));
    EXPECT_FALSE(server->status().blocks[0].zone_loaded);
    UdpClient udp(address());
    udp.send(make_query({.name = "Backend.mesh", .id = 0x0101}));
    TcpClient tcp(address());
    tcp.send(make_query({.name = "backend.mesh", .id = 0x0202}));
    tcp.send(make_query({.name = "nobody.mesh", .id = 0x0303}));
    EXPECT_TRUE(ask_udp(address(), {.name = "www.example.org"})) << "names of others do not wait";
    EXPECT_TRUE(becomes_true([&] { return counters().udp_queries + counters().tcp_queries == 4; }));
    http = serve_document();
    std::vector<std::string> all = answer(udp.receive());
    all.push_back(rcode(tcp.receive()));
    all.push_back(rcode(tcp.receive()));
    std::ranges::sort(all);
    return all;
  });
  EXPECT_THAT(seen, ElementsAre("Backend.mesh. 30 IN A 240.0.0.1", "NOERROR", "NXDOMAIN"))
      << "what a document that is there does not have does not exist";
  EXPECT_TRUE(becomes_true([&] { return server->status().blocks[0].zone_loaded; }));
  EXPECT_TRUE(log.wait_for("there is a document now"));
  for (const support::SeenQuery& query : upstream.seen()) {
    EXPECT_EQ(std::string(query.message.begin() + 12, query.message.begin() + 24), "\3www\7example")
        << "a name left";
  }
}

TEST_F(StartUp, WhatWaitsInVainFailsAfterTwoSecondsAndIsNeverForwarded) {
  start(waiting_block());
  const auto since = Clock::now();
  UdpClient udp(address());
  TcpClient tcp(address());
  udp.send(make_query({.name = "backend.mesh"}));
  tcp.send(make_query({.name = "backend.mesh", .type = "AAAA"}));
  EXPECT_EQ(rcode(udp.receive()), "SERVFAIL");
  EXPECT_GE(Clock::now() - since, milliseconds(1900));
  EXPECT_EQ(rcode(tcp.receive()), "SERVFAIL");

  const auto again = Clock::now();
  for (const char* type : {"A", "TXT", "HTTPS"}) {
    udp.send(make_query({.name = "later.mesh", .type = type}));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(rcode(udp.receive()), "SERVFAIL");
  }
  EXPECT_GE(Clock::now() - again, milliseconds(1900)) << "each one waits for itself";
  EXPECT_THAT(upstream.seen(), IsEmpty());
  EXPECT_GE(counters().servfail, 5U);
}

// A zone of many names takes a while to read.
TEST_F(StartUp, WhoAsksWhileTheZoneIsReadWaitsInsteadOfBeingRefused) {
  std::string text = "owns: [mesh]\nrecords:\n";
  for (int i = 0; i < 20'000; ++i) {
    text += "  - {name: n" + std::to_string(i) + ".mesh, ips: [240.0.0.1]}\n";
  }
  const std::string path = folder.write("zone.yaml", text);
  EXPECT_TRUE(becomes_true([&] {  // machines stall
    server.reset();
    BlockOptions only = block();
    only.listen = {support::closed_port()};
    only.mesh.emplace().source.paths = {path};
    const auto since = Clock::now();
    Clock::time_point started;
    std::jthread starter([&] {
      start(only);
      started = Clock::now();
    });
    std::unique_ptr<UdpClient> client;
    std::optional<Octets> reply;
    do {
      client = std::make_unique<UdpClient>(only.listen[0]);
      client->send(make_query({.name = "n7.mesh"}));
      reply = client->receive(milliseconds(0));
    } while (client->was_refused() && Clock::now() < since + kPatience);
    const auto bound = Clock::now();
    EXPECT_EQ(rcode(reply ? reply : client->receive()), "NOERROR");
    starter.join();
    return bound - since < started - bound;
  })) << "most of the start comes after it";
}

TEST_F(StartUp, AnswersWhatItKnowsAlready) {
  BlockOptions only = waiting_block();
  only.mesh->source.paths.push_back(folder.write("zone.yaml", shop_zone()));
  start(only);
  const auto known = ask_udp(address(), {.name = "v4.mesh"});
  ASSERT_TRUE(known);
  EXPECT_THAT(known->answer, SizeIs(1));
  const auto overlay = ask_udp(address(), {.name = "api.example.com", .type = "HTTPS"});
  ASSERT_TRUE(overlay);
  EXPECT_EQ(overlay->rcode, "NOERROR") << "a name outside of owned suffixes";
  EXPECT_THAT(ask_udp(address(), {.name = "mesh", .type = "SOA"})->answer, SizeIs(1));
  int number = 0;
  const auto late = in_time([&] {
    const std::string name = "late" + std::to_string(++number) + ".mesh";
    const auto client = waiting_client(name);
    folder.replace("zone.yaml", "owns: [mesh]\nrecords: [{name: " + name + ", ips: [240.0.0.9]}]\n");
    return std::vector{rcode(client->receive())};
  });
  EXPECT_THAT(late, ElementsAre("NOERROR")) << "a file that changes meanwhile counts as well";
}

TEST_F(StartUp, AnOverlayNameThatIsNotThereYetIsAskedOfOthers) {
  start(waiting_block());
  EXPECT_TRUE(ask_udp(address(), {.name = "api.example.com"}));
  EXPECT_THAT(upstream.seen(), SizeIs(1));
}

TEST_F(StartUp, AReloadOfTheConfigurationDoesNotEndTheWait) {
  std::unique_ptr<ScriptedHttp> http;
  const auto seen = in_time([&] {
    http.reset();
    BlockOptions only = waiting_block();
    start(only);
    const auto client = waiting_client("backend.mesh");
    only.errors = true;
    EXPECT_TRUE(server->reload({.blocks = {only}}));
    http = serve_document();
    return answer(client->receive());
  });
  EXPECT_THAT(seen, ElementsAre("backend.mesh. 30 IN A 240.0.0.1"));
}

TEST_F(StartUp, AQueryWhoseMeshGoesAwayIsHandledByWhatReplacesIt) {
  const auto seen = in_time([&] {
    BlockOptions only = waiting_block();
    start(only);
    const auto client = waiting_client("backend.mesh");
    only.mesh.reset();
    EXPECT_TRUE(server->reload({.blocks = {only}}));
    return std::vector{rcode(client->receive())};
  });
  EXPECT_THAT(seen, ElementsAre("NOERROR"));
  EXPECT_FALSE(upstream.seen().empty()) << "nothing is a mesh name any more";
}

TEST_F(StartUp, WhatWaitsIsToldWhenTheServerEnds) {
  start(waiting_block());
  UdpClient udp(address());
  TcpClient tcp(address());
  udp.send(make_query({.name = "backend.mesh"}));
  tcp.send(make_query({.name = "backend.mesh"}));
  ASSERT_TRUE(becomes_true([&] { return counters().udp_queries + counters().tcp_queries == 2; }));
  server->stop();
  EXPECT_EQ(rcode(udp.receive()), "SERVFAIL");
  EXPECT_EQ(rcode(tcp.receive()), "SERVFAIL");
}

TEST_F(StartUp, TheLogSaysWhyAQueryFailed) {
  BlockOptions only = waiting_block();
  only.errors = true;
  only.log.emplace_back().zones = {DomainName()};
  start(only);
  EXPECT_EQ(ask_udp(address(), {.name = "backend.mesh"})->rcode, "SERVFAIL");
  EXPECT_TRUE(log.wait_for("plugin/errors: 2 backend.mesh. A: the mesh zone is not there yet")) << log.text();
  EXPECT_TRUE(log.wait_for(R"("A IN backend.mesh. udp 30 false 512" SERVFAIL)")) << log.text();
}

TEST_F(StartUp, TheHostProgramMayReplaceAZoneThatIsWaitedFor) {
  MeshZone zone;
  zone.owns = {domain("mesh")};
  zone.records = {{.name = domain("backend.mesh"), .addresses = {IpAddress::parse("240.0.0.7").value()}}};
  const auto seen = in_time([&] {
    start(waiting_block());
    const auto client = waiting_client("backend.mesh");
    EXPECT_TRUE(server->replace_zone(0, zone));
    return answer(client->receive());
  });
  EXPECT_THAT(seen, ElementsAre("backend.mesh. 30 IN A 240.0.0.7"));
  EXPECT_TRUE(server->status().blocks[0].zone_loaded);
}

class LastGood : public StartUp {
 protected:
  BlockOptions keeping_block() {
    BlockOptions only = waiting_block();
    only.mesh->last_good = folder.path("last/good");
    return only;
  }
  std::vector<fs::path> copies() const {
    std::error_code ignored;
    return {fs::directory_iterator(folder.path("last/good"), ignored), fs::directory_iterator()};
  }
  // A server that has seen the document.
  void live_once() {
    const auto http = serve_document();
    start(keeping_block());
    ASSERT_TRUE(becomes_true([&] {
      const auto seen = copies();  // at first a file with another name
      return seen.size() == 1 && seen[0].extension() == ".json";
    }));
    server.reset();
    ASSERT_THAT(copies(), SizeIs(1));
  }
};

TEST_F(LastGood, IsServedAtTheNextStartWithoutAControlPlane) {
  live_once();
  start(keeping_block());
  const BlockStatus status = server->status().blocks[0];
  EXPECT_TRUE(status.zone_loaded);
  EXPECT_EQ(status.names, 2U);
  const auto reply = ask_udp(address(), {.name = "backend.mesh"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("backend.mesh. 30 IN A 240.0.0.1"));
  EXPECT_EQ(ask_udp(address(), {.name = "nobody.mesh"})->rcode, "NXDOMAIN");
  EXPECT_TRUE(log.wait_for("dns.sock: the last good document, of 2")) << log.text();

  const ScriptedHttp http(
      socket(), document_script(R"({"records":[{"name":"backend.mesh","ips":["240.0.0.8"]}]})", "2"));
  EXPECT_TRUE(becomes_true([&] {
    return ask_udp(address(), {.name = "backend.mesh"})->answer[0] == "backend.mesh. 30 IN A 240.0.0.8";
  }));
}

TEST_F(LastGood, ThatIsBrokenIsAWarning) {
  live_once();
  fs::resize_file(copies()[0], 20);
  start(keeping_block());
  EXPECT_TRUE(log.wait_for("the last good document cannot be used")) << log.text();
  EXPECT_FALSE(server->status().blocks[0].zone_loaded);
  const auto http = serve_document();
  EXPECT_TRUE(becomes_true([&] { return ask_udp(address(), {.name = "backend.mesh"})->rcode == "NOERROR"; }));
}

TEST_F(LastGood, ABadDocumentIsNotKept) {
  const ScriptedHttp http(socket(), [](const auto&) { return support::http_document("{\"records\": 7}"); });
  start(keeping_block());
  ASSERT_TRUE(log.wait_for("dns.sock:1:"));
  EXPECT_THAT(copies(), IsEmpty());
}

TEST_F(LastGood, AFolderThatCannotBeWrittenCostsOnlyTheCopy) {
  folder.write("last", "a file where a folder should be");
  const auto http = serve_document();
  start(keeping_block());
  EXPECT_TRUE(log.wait_for("the next start has no copy")) << log.text();
  EXPECT_EQ(ask_udp(address(), {.name = "backend.mesh"})->rcode, "NOERROR");
}

}  // namespace
}  // namespace meshdns::test
