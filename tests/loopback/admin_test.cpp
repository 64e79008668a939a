// What operators see of a running server: metrics, health, readiness, error lines.
#include <latch>
#include <thread>

#include "tests/loopback/scrape.hpp"
#include "tests/loopback/server_fixture.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/scripted_http.hpp"

namespace meshdns::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

const std::string kDocument =
    R"({"records":[{"name":"backend.mesh","ips":["240.0.0.1"]}],"ttl":30,"extraLabels":{"kuma_io_zone":"east"}})";

class Admin : public ServerTest {
 protected:
  static std::vector<SocketAddress> any_port() { return {socket_address("127.0.0.1:0")}; }

  BlockOptions metered_block() {
    BlockOptions options = mesh_block();
    options.prometheus = PrometheusOptions{.listen = any_port()};
    return options;
  }

  // Where nobody listens: of a server that has ended.
  static SocketAddress closed_port() { return support::ScriptedUpstream(support::silence).address(); }

  // Of the one address that HTTP is offered at.
  SocketAddress http_address() const { return server->status().http_listening.begin()->second; }

  std::string get(std::string_view target) const { return http_text(http_address(), target); }
  std::string metric(const std::string& series) const { return metric_at(http_address(), series); }

  std::string server_label() const { return "server=\"dns://" + address().to_string() + "\""; }

  std::string requests(const std::string& proto, const std::string& type,
                       const std::string& zone = ".") const {
    return metric("coredns_dns_requests_total{family=\"1\",proto=\"" + proto + "\"," + server_label() +
                  ",type=\"" + type + R"(",view="",zone=")" + zone + "\"}");
  }

  std::string responses(const std::string& plugin, const std::string& rcode,
                        const std::string& zone = ".") const {
    return metric("coredns_dns_responses_total{plugin=\"" + plugin + "\",rcode=\"" + rcode + "\"," +
                  server_label() + R"(,view="",zone=")" + zone + "\"}");
  }

  std::string durations(const std::string& zone = ".") const {
    return metric("coredns_dns_request_duration_seconds_count{" + server_label() + R"(,view="",zone=")" +
                  zone + "\"}");
  }
};

TEST_F(Admin, RefusesTlsThatCannotWork) {
  BlockOptions options = metered_block();
  options.prometheus->tls =
      HttpTlsOptions{.certificate = "/nonexistent/server.pem", .key = "/nonexistent/key.pem"};
  const auto unreadable = Server::start({.blocks = {options}}, nullptr);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code, Errc::FileUnreadable);
  EXPECT_THAT(unreadable.error().what, HasSubstr("tls: /nonexistent/server.pem"));
  options.health = HealthOptions{.listen = options.prometheus->listen};
  const auto mixed = Server::start({.blocks = {options}}, nullptr);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, Errc::InvalidConfig);
  EXPECT_THAT(mixed.error().what, HasSubstr("not everything that shares this address has the same tls"));
}

TEST_F(Admin, CountsEveryQueryOnce) {
  support::ScriptedUpstream upstream(support::answer);
  BlockOptions options = metered_block();
  forward_to(options, upstream.address());
  start(options);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  }
  ASSERT_TRUE(ask_tcp(address(), {.name = "nobody.mesh", .type = "AAAA"}));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  upstream.follow(support::fail_with(5));
  ASSERT_TRUE(ask_udp(address(), {.name = "other.example.org", .type = "TYPE65280"}));
  ASSERT_TRUE(becomes_true([&] { return durations() == "6"; })) << get("/metrics");
  EXPECT_EQ(requests("udp", "A"), "4");
  EXPECT_EQ(requests("tcp", "AAAA"), "1");
  EXPECT_EQ(requests("udp", "other"), "1");
  EXPECT_EQ(responses("mesh", "NOERROR"), "3");
  EXPECT_EQ(responses("mesh", "NXDOMAIN"), "1");
  EXPECT_EQ(responses("forward", "NOERROR"), "1");
  EXPECT_EQ(metric("coredns_dns_request_size_bytes_count{proto=\"udp\"," + server_label() +
                   R"(,view="",zone="."})"),
            "5");
  EXPECT_EQ(metric("coredns_dns_response_size_bytes_count{proto=\"tcp\"," + server_label() +
                   R"(,view="",zone="."})"),
            "1");
  EXPECT_EQ(metric(R"(kuma_dp_dns_queries_total{qtype="A",source="local"})"), "3");
  EXPECT_EQ(metric(R"(kuma_dp_dns_queries_total{qtype="A",source="upstream"})"), "1");
  EXPECT_EQ(metric("kuma_dp_dns_upstream_request_duration_seconds_count"), "2");
  EXPECT_EQ(metric("meshdns_tcp_accepted_total"), "1");
}

TEST_F(Admin, CountsWhatNoBlockTakesAsDropped) {
  BlockOptions options = metered_block();
  options.zones = {domain("mesh")};
  start(options);
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  ASSERT_TRUE(becomes_true([&] { return durations("dropped") == "1"; }));
  EXPECT_EQ(responses("", "REFUSED", "dropped"), "1");
  EXPECT_EQ(responses("mesh", "NOERROR", "mesh."), "1");
}

TEST_F(Admin, TellsOnlyOfBlocksWithPrometheus) {
  BlockOptions quiet = mesh_block();
  quiet.zones = {domain("mesh")};
  BlockOptions metered = block();
  metered.listen = quiet.listen;
  metered.prometheus = PrometheusOptions{.listen = any_port()};
  start({.blocks = {quiet, metered}});
  ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  ASSERT_TRUE(becomes_true([&] { return durations(".") == "1"; }));
  EXPECT_EQ(durations("mesh."), "none");
}

TEST_F(Admin, SumsUpWorkers) {
  start({.blocks = {metered_block()}, .workers = 3});
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  }
  EXPECT_TRUE(becomes_true([&] { return durations() == "60"; }));
  EXPECT_EQ(requests("udp", "A"), "60");
}

TEST_F(Admin, CountersOutliveAReload) {
  const BlockOptions options = metered_block();
  start(options);
  ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  const SocketAddress before = http_address();
  HttpClient scraper(before);
  ASSERT_TRUE(scraper.get("/metrics"));
  ASSERT_TRUE(server->reload({.blocks = {options}, .config_hash = "cafe"}));
  ASSERT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
  EXPECT_TRUE(becomes_true([&] { return durations() == "2"; }));
  EXPECT_EQ(http_address(), before);
  EXPECT_TRUE(scraper.get("/metrics")) << "not even the connection is new";
  EXPECT_EQ(metric(R"(coredns_reload_version_info{hash="sha512",value="cafe"})"), "1");

  BlockOptions bad = options;
  bad.mesh->source.paths = {folder.path("missing.yaml")};
  bad.prometheus.reset();
  EXPECT_FALSE(server->reload({.blocks = {bad}}));
  server->note_failed_reload();
  EXPECT_EQ(metric("coredns_reload_failed_total"), "2");
  EXPECT_EQ(metric(R"(coredns_reload_version_info{hash="sha512",value="cafe"})"), "1");
}

TEST_F(Admin, AParkedQueryIsCountedWhenItIsAnswered) {
  support::ScriptedHttp http(folder.path("dns.sock"), [](const std::string&) { return std::nullopt; });
  BlockOptions options = block();
  options.mesh.emplace().source.paths = {"unix:" + folder.path("dns.sock")};
  options.mesh->poll_interval = milliseconds(100);
  options.prometheus = PrometheusOptions{.listen = any_port()};
  start(options);
  UdpClient client(address());
  client.send(make_query({.name = "backend.mesh"}));
  ASSERT_TRUE(client.receive());  // SERVFAIL after two seconds
  ASSERT_TRUE(becomes_true([&] { return durations() == "1"; }));
  EXPECT_EQ(responses("", "SERVFAIL"), "1");
  EXPECT_EQ(metric("coredns_dns_request_duration_seconds_bucket{" + server_label() +
                   R"(,view="",zone=".",le="1.024"})"),
            "0");
}

TEST_F(Admin, ATakenPortCostsTheMetricsOnly) {
  start(metered_block());
  BlockOptions second = metered_block();
  second.prometheus->listen = {http_address()};
  LogLines second_log;
  auto other = Server::start({.blocks = {second}}, second_log.sink());
  ASSERT_TRUE(other);
  EXPECT_EQ(second_log.count("plugin/prometheus: Failed to start metrics handler: listen tcp " +
                             http_address().to_string() + ": bind: address already in use"),
            1U);
  EXPECT_TRUE(ask_udp((*other)->status().listening.at(0), {.name = "backend.mesh"}));
}

TEST_F(Admin, AReloadUnderWayDelaysNoScrape) {
  BlockOptions options = metered_block();
  options.mesh->reload = false;
  std::latch is_reloading(1);
  std::latch may_end(1);
  auto started = Server::start({.blocks = {options}}, [&](LogLevel, std::string_view text) {
    if (text.contains("the zone in force stays")) {
      is_reloading.count_down();
      may_end.wait();
    }
  });
  ASSERT_TRUE(started);
  server = std::move(*started);
  folder.write("zone.yaml", "records: nothing");
  std::jthread loader([&] { EXPECT_FALSE(server->reload_zones()); });
  is_reloading.wait();
  EXPECT_THAT(get("/metrics"), HasSubstr("meshdns_zone_names"));
  may_end.count_down();
  loader.join();
  server.reset();  // what it logs to ends here
}

TEST_F(Admin, IsReadyOnceTheMeshIsThere) {
  support::ScriptedHttp http(folder.path("dns.sock"), [](const std::string&) { return std::nullopt; });
  BlockOptions options = block();
  options.mesh.emplace().source.paths = {"unix:" + folder.path("dns.sock")};
  options.mesh->poll_interval = milliseconds(100);
  options.ready = ReadyOptions{.listen = any_port()};
  options.prometheus = PrometheusOptions{.listen = any_port()};
  start(options);
  EXPECT_EQ(get("/ready"), "503 mesh (unix:" + folder.path("dns.sock") + ")");
  EXPECT_THAT(get("/metrics"), Not(HasSubstr("kuma_dp_dns_")));
  http.follow(support::document_script(kDocument, "1"));
  EXPECT_TRUE(becomes_true([&] { return get("/ready") == "200 OK"; }));
  EXPECT_EQ(metric(R"(kuma_dp_dns_entries_total{kuma_io_zone="east"})"), "1");
  EXPECT_EQ(metric(R"(kuma_dp_dns_config_ready_wait_seconds_count{kuma_io_zone="east"})"), "1");
}

TEST_F(Admin, FailsOpenWhenTheMeshDoesNotCome) {
  BlockOptions options = block();
  options.mesh.emplace().source.paths = {"unix:" + folder.path("nobody.sock")};
  options.ready = ReadyOptions{.listen = any_port(), .fail_open_after = milliseconds(300)};
  start(options);
  EXPECT_TRUE(becomes_true([&] { return get("/ready") == "200 OK"; }));
  EXPECT_EQ(log.count("plugin/ready: ready without mesh"), 1U);
}

TEST_F(Admin, ServesOnForALameduckThatReadinessTellsOf) {
  BlockOptions options = mesh_block();
  options.ready = ReadyOptions{.listen = any_port()};
  options.health = HealthOptions{.listen = any_port(), .lameduck = milliseconds(700)};
  start(options);
  EXPECT_EQ(get("/ready"), "200 OK");
  EXPECT_EQ(get("/health"), "200 OK");
  const SocketAddress dns = address();
  const SocketAddress http = http_address();
  const auto began = std::chrono::steady_clock::now();
  std::jthread stopper([&] { server->stop(); });
  EXPECT_TRUE(becomes_true([&] { return get("/ready") == "503 Shutting down"; }));
  EXPECT_EQ(get("/health"), "200 OK");
  EXPECT_TRUE(ask_udp(dns, {.name = "backend.mesh"}));
  stopper.join();
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(700));
  EXPECT_FALSE(http_get(http, "/health"));
}

TEST_F(Admin, DeadUpstreamsFillNoLog) {
  BlockOptions options = block();
  options.errors = true;
  forward_to(options, closed_port());
  start(options);
  UdpClient client(address());
  for (int i = 0; i < 2000; ++i) {
    client.send(make_query({.name = "n" + std::to_string(i) + ".example.org"}));
    if (i % 50 == 49) {
      ASSERT_TRUE(client.receive());
    }
  }
  ASSERT_TRUE(becomes_true([&] { return counters().servfail >= 1000; }));
  EXPECT_EQ(log.count("plugin/errors: 2 n"), 1U);
  const std::string text = log.text();
  EXPECT_LE(std::ranges::count(text, '\n'), 4) << text;
}

TEST_F(Admin, ErrorsArePatternedAndCountedUntilTheEnd) {
  BlockOptions options = block();
  options.errors = true;
  options.consolidate = {{.interval = std::chrono::hours(1), .pattern = "connection refused$"}};
  forward_to(options, closed_port());
  start(options);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(ask_udp(address(), {.name = "n" + std::to_string(i) + ".example.org"}));
  }
  EXPECT_EQ(log.count("plugin/errors"), 0U);
  server->stop();
  EXPECT_EQ(log.count("plugin/errors: 5 errors like 'connection refused$' occurred in last 1h0m0s"), 1U)
      << log.text();
}

TEST_F(Admin, ConsolidatedErrorsAreToldOfInTime) {
  BlockOptions options = block();
  options.errors = true;
  options.consolidate = {{.interval = milliseconds(100), .pattern = "connection refused$"}};
  forward_to(options, closed_port());
  start(options);
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  EXPECT_TRUE(log.wait_for("plugin/errors: 1 errors like 'connection refused$' occurred in last 100ms"));
}

TEST_F(Admin, LogsInTheFormatAndClassesAskedFor) {
  BlockOptions options = mesh_block();
  options.log.push_back({.zones = {domain("backend.mesh")}, .format = "hit {name} {rcode}"});
  options.log.push_back({.zones = {domain("mesh")},
                         .format = "miss {name} {rcode} {local}",
                         .classes = {.success = false, .denial = true, .error = false}});
  start(options);
  for (const char* name : {"backend.mesh", "v4.mesh", "nobody.mesh"}) {
    ASSERT_TRUE(ask_udp(address(), {.name = name}));
  }
  EXPECT_TRUE(log.wait_for("miss nobody.mesh. NXDOMAIN 127.0.0.1"));
  EXPECT_EQ(log.count("hit backend.mesh. NOERROR"), 1U);
  EXPECT_EQ(log.count("v4.mesh"), 0U) << "success is not wanted there";
}

}  // namespace
}  // namespace meshdns::test
