// What directives and upstreams count, and that nobody waits for who wants to know.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/loopback/block_fixture.hpp"
#include "tests/loopback/scrape.hpp"
#include "tests/support/http_client.hpp"

namespace meshdns::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Metrics : public BlockTest {
 protected:
  void serve_metered(const std::string& directives) { serve("prometheus 127.0.0.1:0\n" + directives); }

  SocketAddress http() const { return server->status().http_listening.begin()->second; }
  std::string metrics() const { return http_text(http(), "/metrics"); }
  std::string metric(const std::string& series) const { return metric_at(http(), series); }

  // `name` with the labels that sort before `server` and those behind it.
  std::string of_server(const std::string& name, const std::string& before = "",
                        const std::string& behind = "") const {
    return metric(name + "{" + before + "server=\"dns://" + address().to_string() + "\"" + behind + "}");
  }

  std::string of_upstream(const std::string& name, const SocketAddress& to,
                          const std::string& label = "") const {
    return metric(name + R"({proxy_name="forward",)" + label + "to=\"" + to.to_string() + "\"}");
  }
};

TEST_F(Metrics, AclCountsWhatItDoesAndAReloadDoesNotForget) {
  const std::string directives =
      "acl {\nblock type TXT\nfilter type MX\ndrop type SRV\n}\nacl example.org {\nblock type PTR\n}\n";
  serve_metered(directives);
  EXPECT_EQ(data("www.example.org", "TXT"), "REFUSED");
  EXPECT_EQ(data("www.example.org", "PTR"), "REFUSED");
  EXPECT_EQ(data("www.example.org", "MX"), "NOERROR");
  UdpClient(address()).send(make_query({.name = "www.example.org", .type = "SRV"}));
  EXPECT_THAT(data("www.example.org"), HasSubstr("10."));
  EXPECT_THAT(data("www.example.com"), HasSubstr("10."));
  EXPECT_TRUE(becomes_true([&] {
    return of_server("coredns_acl_dropped_requests_total", "", R"(,view="",zone=".")") == "1";
  })) << metrics();
  EXPECT_EQ(of_server("coredns_acl_blocked_requests_total", "", R"(,view="",zone=".")"), "1");
  EXPECT_EQ(of_server("coredns_acl_blocked_requests_total", "", R"(,view="",zone="example.org.")"), "1");
  EXPECT_EQ(of_server("coredns_acl_filtered_requests_total", "", R"(,view="",zone=".")"), "1");
  EXPECT_EQ(of_server("coredns_acl_allowed_requests_total", "", R"(,view="")"), "2");

  auto again = parse_corefile(
      ".:0 {\nbind 127.0.0.1\nprometheus 127.0.0.1:0\n" + directives + forward() + "\nminimal\n}\n",
      "Corefile");
  ASSERT_TRUE(again);
  ASSERT_TRUE(server->reload(std::move(again->options)));
  EXPECT_EQ(data("www.example.org", "TXT"), "REFUSED");
  EXPECT_EQ(of_server("coredns_acl_blocked_requests_total", "", R"(,view="",zone=".")"), "2");
}

TEST_F(Metrics, TemplatesCountMatchesAndWhatTheyCouldNotMake) {
  serve_metered(
      "template IN A good.test {\nanswer \"{{ .Name }} 60 IN A 192.0.2.1\"\n}\n"
      "template IN ANY bad.test {\nmatch ^(.*)[.]bad[.]test[.]$\nanswer \"{{ .Name }} 60 IN A {{ index "
      ".Match 1 }}\"\n}\n");
  EXPECT_EQ(data("a.good.test"), "192.0.2.1");
  EXPECT_EQ(data("b.good.test"), "192.0.2.1");
  EXPECT_EQ(data("192.0.2.7.bad.test"), "192.0.2.7");
  EXPECT_EQ(data("not-an-address.bad.test"), "SERVFAIL");
  EXPECT_EQ(
      of_server("coredns_template_matches_total", "class=\"IN\",", R"(,type="A",view="",zone="good.test.")"),
      "2");
  EXPECT_EQ(
      of_server("coredns_template_matches_total", "class=\"IN\",", R"(,type="A",view="",zone="bad.test.")"),
      "2");
  EXPECT_THAT(metrics(),
              HasSubstr("coredns_template_rr_failures_total{class=\"IN\",section=\"answer\",server="));
  EXPECT_THAT(metrics(), Not(HasSubstr("coredns_template_template_failures_total")));
}

TEST_F(Metrics, HostsLocalAndDns64HaveTheirs) {
  upstream.follow([](const support::SeenQuery& query) -> support::Reaction {
    const bool is_a = query.question().ends_with(" 1");
    return {
        .messages = {make_reply(
            query.message, {.answer = is_a ? std::vector<std::string>{"www.example.org. 60 IN A 192.0.2.1"}
                                           : std::vector<std::string>{}})}};
  });
  const std::string path = folder.write("hosts", "10.1.1.1 db.test cache.test\n");
  serve_metered("hosts " + path + " {\n10.1.1.2 db.test\nfallthrough\n}\nlocal\ndns64 {\nallow_ipv4\n}\n");
  EXPECT_EQ(data("a.localhost"), "127.0.0.1");
  EXPECT_EQ(data("localhost"), "127.0.0.1");
  EXPECT_EQ(data("www.example.org", "AAAA"), "64:ff9b::c000:201");
  EXPECT_EQ(metric("coredns_hosts_entries{hostsfile=\"" + path + "\"}"), "6")
      << "three addresses of two names, and as many names of two addresses";
  EXPECT_NE(metric("coredns_hosts_reload_timestamp_seconds"), "none");
  EXPECT_EQ(metric("coredns_local_localhost_requests_total"), "1") << "localhost itself is not counted";
  EXPECT_EQ(of_server("coredns_dns64_requests_translated_total"), "1");
}

TEST_F(Metrics, UpstreamsFailForAReason) {
  const SocketAddress closed = support::closed_port();
  support::ScriptedUpstream broken(support::fail_with(2));
  serve_text(".:0 {\nbind 127.0.0.1\nprometheus 127.0.0.1:0\nforward . " + closed.to_string() + " " +
             broken.address().to_string() + " " + upstream.address().to_string() + "\n}\n");
  EXPECT_THAT(data("www.example.org"), HasSubstr("10."));
  EXPECT_EQ(of_upstream("meshdns_upstream_failures_total", closed, "reason=\"refused\","), "1") << metrics();
  EXPECT_EQ(of_upstream("meshdns_upstream_failures_total", broken.address(), "reason=\"servfail\","), "1");
  EXPECT_EQ(of_upstream("meshdns_upstream_up", closed), "0");
  EXPECT_EQ(of_upstream("meshdns_upstream_up", upstream.address()), "1");
  EXPECT_EQ(
      of_upstream("coredns_proxy_request_duration_seconds_count", broken.address(), "rcode=\"SERVFAIL\","),
      "1");
}

TEST_F(Metrics, AResolvConfThatCannotBeUsedIsCounted) {
  const std::string good = "nameserver " + upstream.address().to_string() + "\n";
  const std::string path = folder.write("resolv.conf", good);
  serve_text(".:0 {\nbind 127.0.0.1\nprometheus 127.0.0.1:0\nforward . " + path + "\n}\n");
  const std::string series = "meshdns_resolv_conf_errors_total";
  EXPECT_EQ(metric(series), "none");
  folder.replace("resolv.conf", "");
  EXPECT_TRUE(becomes_true([&] { return metric(series) == "1"; })) << metrics();
  EXPECT_EQ(log.count("the upstreams in force stay"), 1U) << log.text();
  folder.replace("resolv.conf", "search example.org\n");
  EXPECT_TRUE(becomes_true([&] { return metric(series) == "2"; }));
  std::filesystem::remove(path);
  EXPECT_TRUE(becomes_true([&] { return metric(series) == "3"; }));
  EXPECT_THAT(data("www.example.org"), HasSubstr("10."));
  folder.write("resolv.conf", good);
  ASSERT_TRUE(log.wait_for("plugin/forward: upstreams reloaded"));
  EXPECT_EQ(metric(series), "3");
  EXPECT_EQ(log.count("the upstreams in force stay"), 3U) << "one line for each";
}

TEST_F(Metrics, MessagesThatARateHoldsBackAreCounted) {
  serve_text(".:0 {\nbind 127.0.0.1\nprometheus 127.0.0.1:0\nforward . " + upstream.address().to_string() +
             " {\nmax_rate 2\n}\n}\n");
  const std::string series = "meshdns_upstream_held_back_total";
  EXPECT_EQ(of_upstream(series, upstream.address()), "none");
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(data("n" + std::to_string(i) + ".example.org"), HasSubstr("10."));
  }
  EXPECT_THAT(of_upstream(series, upstream.address()), AnyOf("2", "3")) << "the probe takes a token, too";
}

TEST_F(Metrics, HealthIsAskedByTheServerItself) {
  serve_metered("health 127.0.0.1:0");
  EXPECT_TRUE(becomes_true([&] {
    const std::string count = metric("coredns_health_request_duration_seconds_count");
    return count != "none" && count != "0";
  }));
  EXPECT_EQ(metric("coredns_health_request_failures_total"), "0");
}

TEST_F(Metrics, TheCacheTellsHowMuchItHolds) {
  serve_metered("cache");
  const std::string series = "meshdns_cache_bytes";
  EXPECT_EQ(of_server(series, "", R"(,type="success",view="",zones=".")"), "0");
  EXPECT_THAT(data("www.example.org"), HasSubstr("10."));
  EXPECT_NE(of_server(series, "", R"(,type="success",view="",zones=".")"), "0");
  EXPECT_EQ(of_server(series, "", R"(,type="denial",view="",zones=".")"), "0");
}

TEST_F(Metrics, AReaderThatDoesNotReadDelaysNeitherScrapesNorAnswers) {
  serve_metered("");
  std::vector<HttpClient> stalled;
  for (int i = 0; i < 8; ++i) {
    HttpClient& client = stalled.emplace_back(http());
    for (int scrape = 0; scrape < 2000; ++scrape) {  // more than the buffers of the socket hold
      if (!client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")) {
        break;
      }
    }
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(data("n" + std::to_string(i) + ".example.org"), HasSubstr("10."));
    ASSERT_THAT(metrics(), HasSubstr("coredns_dns_requests_total"));
  }
}

TEST_F(Metrics, ScrapesUnderLoadLoseNoQuery) {
  serve_metered("cache");
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> scrapers;
  for (int i = 0; i < 3; ++i) {
    scrapers.emplace_back([&] {
      while (!is_over) {
        EXPECT_THAT(metrics(), HasSubstr("process_open_fds"));
      }
    });
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(data("www.example.org"), HasSubstr("10."));
  }
  is_over = true;
  scrapers.clear();
  EXPECT_TRUE(becomes_true([&] {
    return metric("coredns_dns_requests_total{family=\"1\",proto=\"udp\",server=\"dns://" +
                  address().to_string() + R"(",type="A",view="",zone="."})") == "1000";
  }));
}

class DirectiveErrors : public BlockTest {};

TEST_F(DirectiveErrors, AreLoggedWithTheirReason) {
  serve("errors\ntemplate IN A a.test {\nmatch ^x[.]\nanswer \"{{ .Name }} 60 IN A 192.0.2.1\"\n}\n");
  EXPECT_EQ(data("Y.a.test"), "SERVFAIL");
  EXPECT_TRUE(
      log.wait_for("plugin/errors: 2 y.a.test. A: plugin/template: no regular expression matches, and "
                   "nothing falls through"))
      << log.text();
}

TEST_F(DirectiveErrors, OfHostsToo) {
  serve("errors\nhosts " + folder.write("hosts", "10.1.1.1 db.test\n") + " test\n");
  EXPECT_EQ(data("other.test"), "SERVFAIL");
  EXPECT_TRUE(log.wait_for("plugin/errors: 2 other.test. A: plugin/hosts: the name is not in the file"));
}

TEST_F(DirectiveErrors, OfATemplateSayWhatItMade) {
  serve(
      "errors\ntemplate IN A . {\nmatch ^(.*)[.]bad[.]test[.]$\nanswer \"x.test. 60 IN A {{ index .Match 1 "
      "}}\"\nfallthrough\n}\n");
  EXPECT_EQ(data("no-address.bad.test"), "SERVFAIL");
  EXPECT_TRUE(log.wait_for("plugin/template: not a record: x.test. 60 IN A no-address: ")) << log.text();
}

TEST_F(DirectiveErrors, OfARewriteThatLeadsToNoName) {
  const std::string label(60, 'a');
  serve("errors\nrewrite name regex ^(.*)[.]test[.]$ {1}." + label + "." + label + "." + label + "." + label +
        ".example.org\n");
  EXPECT_EQ(data(std::string(40, 'b') + ".test"), "SERVFAIL");
  EXPECT_TRUE(log.wait_for("plugin/rewrite: the query cannot be rewritten")) << log.text();
}

TEST_F(DirectiveErrors, AreCountedTogetherWhereThatIsAskedFor) {
  serve(
      "errors {\nconsolidate 1h \"plugin/template: .*\" error\n}\n"
      "template IN A a.test {\nmatch ^x[.]\nrcode NXDOMAIN\n}\n");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(data("n" + std::to_string(i) + ".a.test"), "SERVFAIL");
  }
  EXPECT_EQ(log.count("plugin/errors"), 0U) << log.text();
  server->stop();
  EXPECT_EQ(log.count("plugin/errors: 5 errors like 'plugin/template: .*' occurred in last 1h0m0s"), 1U)
      << log.text();
}

TEST_F(DirectiveErrors, WhatATemplateIsToldToFailIsNone) {
  serve("errors\ntemplate IN A a.test {\nrcode SERVFAIL\n}\n");
  EXPECT_EQ(data("x.a.test"), "SERVFAIL");
  EXPECT_EQ(data("y.a.test"), "SERVFAIL");
  EXPECT_EQ(log.count("plugin/errors"), 0U) << log.text();
}

}  // namespace
}  // namespace meshdns::test
