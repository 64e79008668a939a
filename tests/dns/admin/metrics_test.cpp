// The metrics beside a golden table: names, types, labels and bounds that dashboards rely on.
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTime =
    "0.00025 0.0005 0.001 0.002 0.004 0.008 0.016 0.032 0.064 0.128 0.256 0.512 1.024 2.048 4.096 8.192 +Inf";
constexpr const char* kSize = "0 100 200 300 400 511 1023 2047 4095 8291 16000 32000 48000 64000 +Inf";
constexpr const char* kGoTime = "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf";
constexpr const char* kSlimTime = "0.00025 0.0025 0.025 0.25 2.5 +Inf";
constexpr const char* kWait = "0.1 0.5 1 2 5 10 30 +Inf";

struct Golden {
  const char* name;
  const char* type;
  const char* labels;
  const char* bounds = "";
};

constexpr Golden kGolden[] = {
    {"coredns_acl_allowed_requests_total", "counter", "server view"},
    {"coredns_acl_blocked_requests_total", "counter", "server view zone"},
    {"coredns_acl_dropped_requests_total", "counter", "server view zone"},
    {"coredns_acl_filtered_requests_total", "counter", "server view zone"},
    {"coredns_build_info", "gauge", "goversion revision version"},
    {"coredns_cache_drops_total", "counter", "server view zones"},
    {"coredns_cache_entries", "gauge", "server type view zones"},
    {"coredns_cache_evictions_total", "counter", "server type view zones"},
    {"coredns_cache_hits_total", "counter", "server type view zones"},
    {"coredns_cache_misses_total", "counter", "server view zones"},
    {"coredns_cache_prefetch_total", "counter", "server view zones"},
    {"coredns_cache_requests_total", "counter", "server view zones"},
    {"coredns_cache_served_stale_total", "counter", "server view zones"},
    {"coredns_dns64_requests_translated_total", "counter", "server"},
    {"coredns_dns_do_requests_total", "counter", "server view zone"},
    {"coredns_dns_request_duration_seconds", "histogram", "server view zone", kTime},
    {"coredns_dns_request_size_bytes", "histogram", "proto server view zone", kSize},
    {"coredns_dns_requests_total", "counter", "family proto server type view zone"},
    {"coredns_dns_response_size_bytes", "histogram", "proto server view zone", kSize},
    {"coredns_dns_responses_total", "counter", "plugin rcode server view zone"},
    {"coredns_forward_healthcheck_broken_total", "counter", ""},
    {"coredns_forward_max_concurrent_rejects_total", "counter", ""},
    {"coredns_health_request_duration_seconds", "histogram", "", kSlimTime},
    {"coredns_health_request_failures_total", "counter", ""},
    {"coredns_hosts_entries", "gauge", "hostsfile"},
    {"coredns_hosts_reload_timestamp_seconds", "gauge", ""},
    {"coredns_local_localhost_requests_total", "counter", ""},
    {"coredns_panics_total", "counter", ""},
    {"coredns_plugin_enabled", "gauge", "name server view zone"},
    {"coredns_proxy_conn_cache_hits_total", "counter", "proto proxy_name to"},
    {"coredns_proxy_conn_cache_misses_total", "counter", "proto proxy_name to"},
    {"coredns_proxy_healthcheck_failures_total", "counter", "proxy_name to"},
    {"coredns_proxy_request_duration_seconds", "histogram", "proxy_name rcode to", kTime},
    {"coredns_reload_failed_total", "counter", ""},
    {"coredns_reload_version_info", "gauge", "hash value"},
    {"coredns_template_matches_total", "counter", "class server type view zone"},
    {"coredns_template_rr_failures_total", "counter", "class section server template type view zone"},
    {"coredns_template_template_failures_total", "counter", "class section server template type view zone"},
    {"kuma_dp_dns_config_ready_wait_seconds", "histogram", "mesh", kWait},
    {"kuma_dp_dns_entries_total", "gauge", "mesh"},
    {"kuma_dp_dns_queries_total", "counter", "mesh qtype source"},
    {"kuma_dp_dns_request_duration_seconds", "histogram", "mesh", kGoTime},
    {"kuma_dp_dns_response_codes_total", "counter", "mesh rcode"},
    {"kuma_dp_dns_upstream_request_duration_seconds", "histogram", "mesh", kGoTime},
    {"kuma_dp_dns_upstream_request_failure_count", "counter", "mesh"},
    {"meshdns_cache_bytes", "gauge", "server type view zones"},
    {"meshdns_upstream_failures_total", "counter", "proxy_name reason to"},
    {"meshdns_upstream_up", "gauge", "proxy_name to"},
    {"meshdns_zone_conflicts", "gauge", "server zone"},
    {"meshdns_zone_load_failures_total", "counter", "server zone"},
    {"meshdns_zone_loads_total", "counter", "server zone"},
    {"meshdns_zone_names", "gauge", "server zone"},
    {"meshdns_zone_names_left_out", "gauge", "server zone"},
    {"process_cpu_seconds_total", "counter", ""},
    {"process_max_fds", "gauge", ""},
    {"process_open_fds", "gauge", ""},
    {"process_resident_memory_bytes", "gauge", ""},
    {"process_start_time_seconds", "gauge", ""},
    {"process_virtual_memory_bytes", "gauge", ""},
};

constexpr std::chrono::system_clock::time_point kModified{std::chrono::seconds(1'700'000'000)};

// As sources give them.
std::vector<DirectiveStatus> directive_counts() {
  using Labels = decltype(DirectiveStatus::labels);
  const Labels zone{{"server", "dns://:15053"}, {"zone", "."}, {"view", ""}};
  Labels match = zone;
  match.insert(match.end(), {{"class", "IN"}, {"type", "A"}});
  Labels failure = match;
  failure.insert(failure.end(), {{"section", "answer"}, {"template", "{{ .Name }} A x"}});
  return {{"acl_allowed_requests", {{"server", "dns://:15053"}, {"view", ""}}, 8},
          {"acl_blocked_requests", zone, 7},
          {"acl_filtered_requests", zone, 6},
          {"acl_dropped_requests", zone, 5},
          {"local_localhost_requests", {}, 4},
          {"template_matches", match, 3},
          {"template_template_failures", failure, 2},
          {"template_rr_failures", failure, 1}};
}

// A server with one of everything.
Status busy_status() {
  Status status;
  status.program = {.version = "1.14.7", .revision = "meshdns-0", .log_lines_dropped = 5};
  status.config_hash = "cafe";
  status.config_failures = 2;
  status.ready_after = std::chrono::milliseconds(700);
  status.blocks.push_back({.servers = {"dns://:15053"},
                           .zones = {"."},
                           .plugins = {"prometheus", "mesh"},
                           .has_mesh = true,
                           .zone_loaded = true,
                           .names = 9,
                           .zone_reloads = 3,
                           .zone_failures = 1,
                           .name_conflicts = 1,
                           .names_left_out = 1,
                           .extra_labels = {{"mesh", "default"}},
                           .hosts = HostsStatus{"/etc/hosts", 12, kModified}});
  QueryStatus queries{.server = "dns://:15053", .zone = "."};
  queries.requests[0][0][0] = 5;
  queries.requests[1][1][1] = 2;
  queries.dnssec_ok = 1;
  queries.request_sizes[0].counts[1] = 5;
  queries.request_sizes[0].sum = 150;
  queries.response_sizes[0].counts[1] = 5;
  queries.responses[static_cast<std::size_t>(AnsweredBy::Mesh)][0] = 5;
  queries.responses[static_cast<std::size_t>(AnsweredBy::Server)][2] = 2;
  queries.responses[static_cast<std::size_t>(AnsweredBy::Dns64)][0] = 3;
  queries.durations.counts[0] = 6;
  queries.durations.counts[5] = 1;  // 4..5 ms
  queries.durations.sum = 5'500'000;
  queries.upstream_durations.counts[5] = 1;
  queries.upstream_failures = 1;
  queries.upstream_queries = {1, 0, 0};
  status.queries.push_back(queries);
  UpstreamStatus upstream{.address = SocketAddress::parse("10.0.0.2:53", 0).value(), .proxy_name = "forward"};
  upstream.replies[0].counts[3] = 2;
  upstream.replies[3].counts[3] = 1;
  upstream.reuse[0] = {.hits = 4, .misses = 1};
  upstream.healthcheck_failures = 1;
  upstream.faults[static_cast<std::size_t>(UpstreamFault::Timeout)] = 6;
  status.upstreams.push_back(upstream);
  const CacheStatus::Store store{.entries = 2, .octets = 256, .hits = 1, .evictions = 1};
  status.caches.push_back({.server = "dns://:15053",
                           .zones = ".",
                           .success = store,
                           .denial = store,
                           .requests = 3,
                           .misses = 1,
                           .drops = 1,
                           .prefetches = 1,
                           .served_stale = 1});
  status.directives = directive_counts();
  status.config_reloads = 1;
#define MESHDNS_COUNTER(name, help) status.counters.name = 1;
#include <meshdns/counters.def>
#undef MESHDNS_COUNTER
  status.counters.internal_errors = 3;
  return status;
}

struct Family {
  std::string type;
  std::set<std::string> labels;     // label names of each series, joined
  std::vector<std::string> bounds;  // of the first series
  std::string first_series;
  std::size_t series = 0;
};

std::map<std::string, Family> families_of(const std::string& text) {
  std::map<std::string, Family> families;
  std::istringstream lines(text);
  std::string current;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      EXPECT_GT(line.size(), line.find(' ', 7) + 1) << "no help: " << line;
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      const std::size_t space = line.find(' ', 7);
      current = line.substr(7, space - 7);
      EXPECT_FALSE(families.contains(current)) << "twice: " << current;
      families[current].type = line.substr(space + 1);
      continue;
    }
    Family& family = families[current];
    ++family.series;
    EXPECT_TRUE(line.starts_with(current)) << line;
    std::string names;
    std::string series;
    std::string bound;
    const std::size_t brace = line.find('{');
    std::size_t at = brace == std::string::npos ? line.find(' ') : brace + 1;
    while (brace != std::string::npos && line[at] != '}') {
      const std::size_t equals = line.find('=', at);
      const std::size_t quote = line.find('"', equals + 2);
      const std::string name = line.substr(at, equals - at);
      const std::string value = line.substr(equals + 2, quote - equals - 2);
      if (name == "le") {
        bound = value;
      } else {
        names += (names.empty() ? "" : " ") + name;
        series += name + "=" + value + ",";
      }
      at = quote + (line[quote + 1] == ',' ? 2 : 1);
    }
    family.labels.insert(names);
    if (family.first_series.empty()) {
      family.first_series = series;
    }
    if (!bound.empty() && series == family.first_series) {
      family.bounds.push_back(bound);
    }
  }
  return families;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

TEST(Metrics, AreThoseOfTheGoldenTable) {
  auto families = families_of(metrics_of(busy_status(), HealthStatus()));
  for (const Golden& golden : kGolden) {
    ASSERT_TRUE(families.contains(golden.name)) << golden.name;
    const Family& family = families[golden.name];
    EXPECT_EQ(family.type, golden.type) << golden.name;
    EXPECT_THAT(family.labels, ElementsAre(golden.labels)) << golden.name;
    EXPECT_EQ(joined(family.bounds), golden.bounds) << golden.name;
    families.erase(golden.name);
  }
  std::vector<std::string> rest;
  for (const auto& [name, family] : families) {
    rest.push_back(name);
  }
  EXPECT_THAT(
      rest, ElementsAre(
                "meshdns_coalesced_total", "meshdns_config_reloads_total", "meshdns_dropped_malformed_total",
                "meshdns_failures_remembered_total", "meshdns_in_flight", "meshdns_in_flight_displaced_total",
                "meshdns_in_flight_rejected_total", "meshdns_log_lines_dropped_total",
                "meshdns_loops_detected_total", "meshdns_mesh_nodata_total", "meshdns_repeated_total",
                "meshdns_tcp_accepted_total", "meshdns_tcp_cut_total", "meshdns_tcp_rejected_total",
                "meshdns_truncated_total", "meshdns_udp_send_errors_total", "meshdns_updates_relayed_total"))
      << "what the rows with labels do not tell";
}

TEST(Metrics, TellWhatWasCounted) {
  const std::string text = metrics_of(busy_status());
  for (
      const char* line : {
          R"(coredns_build_info{goversion="none",revision="meshdns-0",version="1.14.7"} 1)",
          R"(coredns_dns_requests_total{family="1",proto="udp",server="dns://:15053",type="A",view="",zone="."} 5)",
          R"(coredns_dns_requests_total{family="2",proto="tcp",server="dns://:15053",type="AAAA",view="",zone="."} 2)",
          R"(coredns_dns_responses_total{plugin="mesh",rcode="NOERROR",server="dns://:15053",view="",zone="."} 5)",
          R"(coredns_dns_responses_total{plugin="",rcode="SERVFAIL",server="dns://:15053",view="",zone="."} 2)",
          R"(coredns_dns_request_size_bytes_sum{proto="udp",server="dns://:15053",view="",zone="."} 150)",
          R"(coredns_dns_request_duration_seconds_bucket{server="dns://:15053",view="",zone=".",le="0.004"} 6)",
          R"(coredns_dns_request_duration_seconds_bucket{server="dns://:15053",view="",zone=".",le="0.008"} 7)",
          R"(coredns_dns_request_duration_seconds_sum{server="dns://:15053",view="",zone="."} 0.0055)",
          R"(kuma_dp_dns_request_duration_seconds_bucket{mesh="default",le="0.005"} 7)",
          R"(kuma_dp_dns_queries_total{mesh="default",qtype="A",source="local"} 4)",
          R"(kuma_dp_dns_queries_total{mesh="default",qtype="A",source="upstream"} 1)",
          R"(kuma_dp_dns_response_codes_total{mesh="default",rcode="servfail"} 2)",
          R"(kuma_dp_dns_config_ready_wait_seconds_bucket{mesh="default",le="0.5"} 0)",
          R"(kuma_dp_dns_config_ready_wait_seconds_bucket{mesh="default",le="1"} 1)",
          R"(coredns_proxy_conn_cache_hits_total{proto="udp",proxy_name="forward",to="10.0.0.2:53"} 4)",
          R"(meshdns_upstream_failures_total{proxy_name="forward",reason="timeout",to="10.0.0.2:53"} 6)",
          R"(meshdns_upstream_up{proxy_name="forward",to="10.0.0.2:53"} 1)",
          R"(meshdns_cache_bytes{server="dns://:15053",type="denial",view="",zones="."} 256)",
          R"(coredns_dns64_requests_translated_total{server="dns://:15053"} 3)",
          R"(coredns_acl_blocked_requests_total{server="dns://:15053",view="",zone="."} 7)",
          R"(coredns_template_matches_total{class="IN",server="dns://:15053",type="A",view="",zone="."} 3)",
          R"(coredns_hosts_entries{hostsfile="/etc/hosts"} 12)",
          R"(coredns_hosts_reload_timestamp_seconds 1700000000)",
          R"(coredns_reload_version_info{hash="sha512",value="cafe"} 1)",
          R"(coredns_reload_failed_total 2)",
          R"(coredns_panics_total 3)",
          R"(meshdns_log_lines_dropped_total 5)",
      }) {
    EXPECT_THAT(text, HasSubstr(std::string(line) + "\n"));
  }
}

TEST(Metrics, OfKumaAppearWithTheFirstZone) {
  Status status = busy_status();
  status.blocks[0].zone_loaded = false;
  EXPECT_THAT(metrics_of(status), Not(HasSubstr("kuma_dp_dns_")));
}

TEST(Metrics, LabelsOfADocumentAreMadeLabelNames) {
  Status status = busy_status();
  status.blocks[0].extra_labels = {
      {"kuma.io/zone", "east"}, {"rcode", "taken"}, {"__name__", "x"}, {"9", "x"}};
  EXPECT_THAT(metrics_of(status), HasSubstr("kuma_dp_dns_entries_total{kuma_io_zone=\"east\"} 9\n"));
}

TEST(Metrics, ZonesWithTheSameLabelsAreOneRow) {
  Status status = busy_status();
  status.blocks.push_back(status.blocks[0]);
  status.blocks[1].servers = {"dns://:54"};
  EXPECT_THAT(metrics_of(status), HasSubstr("kuma_dp_dns_entries_total{mesh=\"default\"} 18\n"));
}

TEST(Metrics, WhatLeadsBackOrIsDownIsNotUp) {
  for (bool UpstreamStatus::* const reason : {&UpstreamStatus::is_down, &UpstreamStatus::is_looping}) {
    Status status = busy_status();
    status.upstreams[0].*reason = true;
    EXPECT_THAT(metrics_of(status),
                HasSubstr(R"(meshdns_upstream_up{proxy_name="forward",to="10.0.0.2:53"} 0)"));
  }
}

TEST(Metrics, WhatNeverHappenedHasNoRowUnlessCoreDnsHasOne) {
  Status status;
  status.caches.push_back({.server = "dns://:15053", .zones = "."});
  status.upstreams.push_back({.address = SocketAddress::parse("10.0.0.2:53", 0).value()});
  auto families = families_of(metrics_of(status));
  std::vector<std::string> counters;
  for (const auto& [name, family] : families) {
    if (family.type == "counter") {
      counters.push_back(name);
    }
  }
  EXPECT_THAT(counters, ElementsAre("coredns_forward_healthcheck_broken_total",
                                    "coredns_forward_max_concurrent_rejects_total", "coredns_panics_total",
                                    "coredns_reload_failed_total", "process_cpu_seconds_total"));
}

// A server block and three upstreams; clients that ask for six types. The bound counts the lines that are no
// comments: every bucket of a histogram is a series.
class SeriesOfABusyBlock : public ::testing::Test {
 protected:
  static constexpr std::size_t kBound = 400;
  static constexpr std::array<std::uint16_t, 4> kRcodes{0, 2, 3, 5};
  static constexpr std::size_t kUdp = 0;
  static constexpr std::size_t kTcp = 1;

  SeriesOfABusyBlock() {
    status.program = {.version = "1.14.7", .revision = "meshdns-0"};
    status.config_hash = "cafe";
    status.blocks.push_back(
        {.servers = {"dns://:15053"},
         .zones = {"."},
         .plugins = {"prometheus", "errors", "log", "cache", "forward", "reload", "ready"}});
    QueryStatus queries{.server = "dns://:15053", .zone = "."};
    queries.dnssec_ok = 1;
    queries.durations.counts[0] = 1;
    queries.upstream_durations.counts[0] = 1;
    queries.upstream_queries = {1, 1, 1};
    for (const std::uint16_t rcode : kRcodes) {
      queries.responses[static_cast<std::size_t>(AnsweredBy::Forward)][rcode] = 1;
    }
    queries.responses[static_cast<std::size_t>(AnsweredBy::Cache)][0] = 1;
    queries.responses[static_cast<std::size_t>(AnsweredBy::Cache)][3] = 1;
    status.queries.push_back(queries);
    ask_over(kUdp);
    status.caches.push_back({.server = "dns://:15053",
                             .zones = ".",
                             .success = {.entries = 1, .octets = 128, .hits = 1},
                             .denial = {.entries = 1, .octets = 128, .hits = 1},
                             .requests = 3,
                             .misses = 1});
    for (const char* address : {"10.0.0.2:53", "10.0.0.3:53", "10.0.0.4:53"}) {
      UpstreamStatus& upstream = status.upstreams.emplace_back();
      upstream.address = SocketAddress::parse(address, 0).value();
      upstream.proxy_name = "forward";
      upstream.reuse[0] = {.hits = 1, .misses = 1};
      upstream.faults[static_cast<std::size_t>(UpstreamFault::Timeout)] = 1;
      upstream.faults[static_cast<std::size_t>(UpstreamFault::Servfail)] = 1;
    }
#define MESHDNS_COUNTER(name, help) status.counters.name = 1;
#include <meshdns/counters.def>
#undef MESHDNS_COUNTER
    status.counters.tcp_accepted = status.counters.tcp_rejected = status.counters.tcp_cut = 0;
    status.counters.updates_relayed = 0;  // no `relay_updates`
  }

  void ask_over(std::size_t transport) {
    QueryStatus& queries = status.queries[0];
    for (const std::size_t type : {0U, 1U, 9U, 12U, 13U, 14U}) {
      queries.requests[transport][0][type] = 1;
    }
    queries.request_sizes[transport].counts[1] = 1;
    queries.response_sizes[transport].counts[1] = 1;
    status.counters.tcp_accepted = transport == kTcp ? 1 : 0;
  }

  // The upstream has said this.
  void replies(std::size_t upstream, std::uint16_t rcode) {
    status.upstreams[upstream].replies[rcode].counts[3] = 1;
  }

  void serve_mesh() {
    status.ready_after = std::chrono::milliseconds(700);
    BlockStatus& block = status.blocks[0];
    block.plugins.emplace_back("mesh");
    block.has_mesh = block.zone_loaded = true;
    block.zone_reloads = 1;
    block.extra_labels = {{"mesh", "default"}, {"kuma_io_zone", "east"}};
    status.queries[0].responses[static_cast<std::size_t>(AnsweredBy::Mesh)][0] = 1;
    status.queries[0].responses[static_cast<std::size_t>(AnsweredBy::Mesh)][3] = 1;
  }

  std::size_t series() const {
    std::istringstream lines(metrics_of(status));
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);) {
      count += line.starts_with('#') ? 0 : 1;
    }
    return count;
  }

  Status status;
};

TEST_F(SeriesOfABusyBlock, StayInBoundWithAMeshWhenEveryUpstreamGaveEveryCode) {
  serve_mesh();
  for (std::size_t upstream = 0; upstream < 3; ++upstream) {
    for (const std::uint16_t rcode : kRcodes) {
      replies(upstream, rcode);
    }
  }
  EXPECT_LE(series(), kBound);
}

TEST_F(SeriesOfABusyBlock, StayInBoundWithClientsOverTcpWhenEveryUpstreamGaveEveryCode) {
  ask_over(kTcp);
  for (std::size_t upstream = 0; upstream < 3; ++upstream) {
    for (const std::uint16_t rcode : kRcodes) {
      replies(upstream, rcode);
    }
  }
  EXPECT_LE(series(), kBound);
}

TEST_F(SeriesOfABusyBlock, StayInBoundWithAMeshAndClientsOverTcpWhenFourCodesWereSeen) {
  serve_mesh();
  ask_over(kTcp);
  for (std::size_t upstream = 0; upstream < 3; ++upstream) {
    replies(upstream, 0);
    replies(upstream, 3);
  }
  replies(0, 2);
  replies(1, 5);
  EXPECT_LE(series(), kBound);
}

}  // namespace
}  // namespace meshdns::admin
