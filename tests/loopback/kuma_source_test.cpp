// Kuma's `/dns` document: asked for again and again, taken when it is good and new.
#include <thread>

#include <fmt/format.h>

#include "tests/loopback/server_fixture.hpp"
#include "tests/support/scripted_http.hpp"

namespace meshdns::test {
namespace {

using support::document_script;
using support::http_document;
using support::http_status;
using support::HttpReaction;
using support::ScriptedHttp;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr auto kInterval = milliseconds(100);

std::string document(std::string_view ip) {
  return R"({"records":[{"name":"backend.mesh","ips":[")" + std::string(ip) +
         R"("]}],"ttl":30,"extraLabels":{"mesh":"default","kuma_io_zone":"east"}})";
}

class KumaSource : public ServerTest {
 protected:
  BlockOptions remote_block(const std::string& path) {
    BlockOptions only = block();
    only.mesh.emplace().source.paths = {path};
    only.mesh->poll_interval = kInterval;
    return only;
  }
  BlockOptions socket_block() { return remote_block("unix:" + socket()); }
  std::string socket() const { return folder.path("dns.sock"); }

  std::string backend() {
    const auto reply = ask_udp(address(), {.name = "backend.mesh"});
    if (!reply) {
      return "no answer";
    }
    return reply->answer.empty() ? reply->rcode : reply->answer[0].substr(reply->answer[0].rfind(' ') + 1);
  }

  void expect_soon(const std::string& ip) {
    EXPECT_TRUE(becomes_true([&] { return backend() == ip; })) << log.text();
  }

  static bool becomes_asked(const ScriptedHttp& http, std::size_t times) {
    return becomes_true([&] { return http.requests().size() >= times; });
  }
};

TEST_F(KumaSource, IsAskedForAsKumaDoesAndTakenOnlyWhenItIsNew) {
  ScriptedHttp http(socket(), document_script(document("240.0.0.1"), "0a1b2c"));
  start(socket_block());
  expect_soon("240.0.0.1");
  ASSERT_TRUE(becomes_asked(http, 4));
  const auto requests = http.requests();
  EXPECT_THAT(requests, Each(StartsWith("GET /dns HTTP/1.1\r\n")));
  EXPECT_THAT(requests, Each(HasSubstr("\r\nHost: localhost\r\n")));
  EXPECT_THAT(requests[0], Not(HasSubstr("If-None-Match")));
  EXPECT_THAT(requests[2], HasSubstr("\r\nIf-None-Match: 0a1b2c\r\n")) << "octet by octet, no quotes added";
  EXPECT_EQ(server->status().blocks[0].zone_reloads, 1U) << "304 is no reload";

  http.follow(document_script(document("240.0.0.2"), "\"quoted\""));
  expect_soon("240.0.0.2");
  ASSERT_TRUE(
      becomes_true([&] { return http.requests().back().contains("\r\nIf-None-Match: \"quoted\"\r\n"); }));
  EXPECT_TRUE(becomes_true([&] { return server->status().blocks[0].zone_reloads == 2; }));
}

TEST_F(KumaSource, TellsItsLabels) {
  const ScriptedHttp http(socket(), document_script(document("240.0.0.1"), "1"));
  start(socket_block());
  ASSERT_TRUE(becomes_true([&] { return server->status().blocks[0].zone_loaded; }));
  const BlockStatus status = server->status().blocks[0];
  EXPECT_THAT(status.extra_labels,
              UnorderedElementsAre(Pair("mesh", "default"), Pair("kuma_io_zone", "east")));
  EXPECT_EQ(status.names, 1U);
  EXPECT_EQ(status.zone_failures, 0U);
}

TEST_F(KumaSource, ConflictsAreCountedAndNamedOnce) {
  BlockOptions only = block();
  only.mesh.emplace();
  start(only);
  MeshZone zone;
  zone.files = {"a.yaml"};
  zone.origins = {"", "Dataplane shop/a", "ExternalService shop/b"};
  for (const char* name : {"a.mesh", "b.mesh", "c.mesh", "d.mesh"}) {
    zone.conflicts.push_back({name, "same host name", {1, 0, {0, 3, 1}}, {2, 0, {0, 9, 1}}});
  }
  zone.conflict_count = 5;
  zone.vips.push_back({"services", "", IpRange::parse("240.0.0.0/30").value(), 4, 2});
  zone.vips.push_back({"MeshService", "", IpRange::parse("241.0.0.0/30").value(), 4, 1});
  ASSERT_TRUE(server->replace_zone(0, zone));
  ASSERT_TRUE(server->replace_zone(0, zone));
  EXPECT_EQ(server->status().blocks[0].name_conflicts, 5U);
  EXPECT_EQ(server->status().blocks[0].names_left_out, 3U);
  EXPECT_EQ(
      log.count("plugin/mesh: 5 names are claimed more than once: a.mesh (same host name): Dataplane shop/a "
                "(a.yaml:3) has it, ExternalService shop/b (a.yaml:9) does not; b.mesh"),
      1U)
      << log.text();
  EXPECT_EQ(log.count("; and 2 more"), 1U);
}

TEST_F(KumaSource, TheSameDocumentWithoutAnEtagIsNoReload) {
  const ScriptedHttp http(socket(), [](const auto&) { return http_document(document("240.0.0.1")); });
  start(socket_block());
  ASSERT_TRUE(becomes_asked(http, 5));
  EXPECT_EQ(backend(), "240.0.0.1");
  EXPECT_EQ(server->status().blocks[0].zone_reloads, 1U);
}

TEST_F(KumaSource, ComesInWhateverFormHttpAllows) {
  const std::string body = document("240.0.0.1");
  const std::pair<const char*, std::string> forms[] = {
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + body.substr(0, 5) + "\r\n" +
                      fmt::format("{:x}", body.size() - 5) + "\r\n" + body.substr(5) + "\r\n0\r\n\r\n"},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\n" + body},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n" + body},
  };
  for (const auto& [name, response] : forms) {
    SCOPED_TRACE(name);
    const ScriptedHttp http(socket(), [&](const auto&) { return response; });
    start(socket_block());
    expect_soon("240.0.0.1");
    server.reset();
  }
}

TEST_F(KumaSource, MayBeAnywhereThatHttpReaches) {
  const ScriptedHttp http(document_script(document("240.0.0.1"), "1"));
  const std::string host = "127.0.0.1:" + std::to_string(http.port());
  start(remote_block("http://" + host + "/other/path?x=1"));
  expect_soon("240.0.0.1");
  EXPECT_THAT(http.requests()[0], StartsWith("GET /other/path?x=1 HTTP/1.1\r\nHost: " + host + "\r\n"));
}

TEST_F(KumaSource, ABadDocumentKeepsTheOldZoneAndIsReadAgain) {
  ScriptedHttp http(socket(), document_script(document("240.0.0.1"), "good"));
  start(socket_block());
  expect_soon("240.0.0.1");
  http.follow(document_script("{\n \"records\": 7}", "bad"));
  ASSERT_TRUE(log.wait_for("unix:" + socket() + ":2:")) << log.text();
  const std::size_t before = http.requests().size();
  ASSERT_TRUE(becomes_asked(http, before + 4));
  EXPECT_EQ(backend(), "240.0.0.1");
  EXPECT_THAT(http.requests().back(), Not(HasSubstr("If-None-Match"))) << "so that it is read again";
  EXPECT_EQ(log.count("unix:" + socket() + ":2:"), 1U) << "the same fault is one line\n" << log.text();
  EXPECT_TRUE(becomes_true([&] { return server->status().blocks[0].zone_failures >= 2; }));
  EXPECT_THAT(server->status().blocks[0].last_zone_error, HasSubstr("dns.sock:2:"));
  EXPECT_TRUE(server->status().blocks[0].zone_loaded);

  http.follow(document_script(document("240.0.0.2"), "good again"));
  expect_soon("240.0.0.2");
  EXPECT_TRUE(becomes_true([&] { return server->status().blocks[0].last_zone_error.empty(); }));
}

TEST_F(KumaSource, ThatIsAwayKeepsItsZone) {
  {
    const ScriptedHttp http(socket(), document_script(document("240.0.0.1"), "1"));
    start(socket_block());
    expect_soon("240.0.0.1");
  }
  ASSERT_TRUE(log.wait_for("No such file"));
  EXPECT_EQ(backend(), "240.0.0.1");
  ScriptedHttp http(socket(), [](const auto&) { return http_status("404 Not Found"); });
  ASSERT_TRUE(becomes_asked(http, 2));
  EXPECT_EQ(backend(), "240.0.0.1");
  http.follow(document_script(document("240.0.0.2"), "2"));
  expect_soon("240.0.0.2");
  EXPECT_EQ(server->status().blocks[0].zone_failures, 0U);
}

TEST_F(KumaSource, DoesNotFollowRedirects) {
  const ScriptedHttp elsewhere(document_script(document("240.0.0.1"), "1"));
  const std::string location = "Location: http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/dns\r\n";
  const ScriptedHttp http(socket(), [&](const auto&) { return http_status("302 Found", location); });
  start(socket_block());
  ASSERT_TRUE(becomes_asked(http, 3));
  ASSERT_TRUE(log.wait_for("HTTP status 302"));
  EXPECT_THAT(elsewhere.requests(), IsEmpty());
  EXPECT_EQ(log.count("HTTP status 302"), 1U);
}

TEST_F(KumaSource, NonsenseIsOneLine) {
  ScriptedHttp http(socket(), [](const auto&) { return std::string("\1\2\3 not HTTP at all\r\n\r\n"); });
  start(socket_block());
  ASSERT_TRUE(becomes_asked(http, 4));
  EXPECT_LE(log.count("plugin/mesh: unix:" + socket() + ": "), 3U)
      << "that names wait, what is wrong, and perhaps that the machine was too slow\n"
      << log.text();
  http.follow(document_script(document("240.0.0.1"), "1"));
  expect_soon("240.0.0.1");
}

TEST_F(KumaSource, StaysAskedThroughAReloadOfTheConfiguration) {
  const ScriptedHttp http(socket(), document_script(document("240.0.0.1"), "1"));
  BlockOptions only = socket_block();
  start(only);
  expect_soon("240.0.0.1");
  ASSERT_TRUE(becomes_asked(http, 2));

  only.errors = true;
  ASSERT_TRUE(server->reload({.blocks = {only}}));
  EXPECT_EQ(backend(), "240.0.0.1") << "without waiting for a document";
  EXPECT_TRUE(server->status().blocks[0].zone_loaded);
  const std::size_t before = http.requests().size();
  ASSERT_TRUE(becomes_asked(http, before + 2));
  for (std::size_t i = before; i < http.requests().size(); ++i) {
    EXPECT_THAT(http.requests()[i], HasSubstr("If-None-Match: 1\r\n")) << i;
  }

  only.mesh->source.default_ttl_seconds = 77;
  ASSERT_TRUE(server->reload({.blocks = {only}}));
  expect_soon("240.0.0.1");  // another source: read from the start

  ASSERT_TRUE(server->reload({.blocks = {mesh_block()}}));
  EXPECT_TRUE(becomes_true([&] {
    const std::size_t so_far = http.requests().size();
    std::this_thread::sleep_for(4 * kInterval);  // what must not happen is not announced
    return http.requests().size() == so_far;
  })) << "nobody wants it any more";
}

TEST_F(KumaSource, ThatNeverAnswersDelaysNothing) {
  const ScriptedHttp http(socket(), [](const auto&) { return HttpReaction(); });
  BlockOptions only = socket_block();
  only.mesh->source.paths.push_back(folder.write("zone.yaml", shop_zone()));
  start(only);
  ASSERT_TRUE(becomes_asked(http, 1));
  EXPECT_EQ(backend(), "240.0.0.1") << "a file that is there already";
  server->stop();
  server.reset();
}

TEST_F(KumaSource, AnAddressThatIsNoneIsRefusedAtStart) {
  for (const char* path : {"unix:", "http://", "http://host:0/dns", "http://host:x", "http://a b",
                           "http://u@h/", "http://[::1", "http://[::1]x:80/"}) {
    const auto refused = Server::start({.blocks = {remote_block(path)}}, log.sink());
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, Errc::InvalidConfig) << path;
    EXPECT_THAT(refused.error().what, HasSubstr("expected unix:PATH or http://HOST[:PORT][/PATH]"));
  }
  const auto refused =
      Server::start({.blocks = {remote_block("unix:/" + std::string(120, 'x'))}}, log.sink());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("at most 107 octets"));
}

}  // namespace
}  // namespace meshdns::test
