// The server itself: what it is, what is configured, what it counts beyond what CoreDNS and Kuma do.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

void write_configuration(const Status& status, MetricsText& out) {
  out.gauge("coredns_build_info", "Always 1: the version of CoreDNS that this program stands in for.");
  out.sample(
      {{"version", status.program.version}, {"revision", status.program.revision}, {"goversion", "none"}}, 1);
  out.counter("coredns_panics_total", "Exceptions that ended a query.");
  out.sample({}, static_cast<double>(status.counters.internal_errors));
  out.gauge("coredns_plugin_enabled", "Always 1: the directives of each server block.");
  for (const BlockStatus& block : status.blocks) {
    for (const std::string& server : block.servers) {
      for (const std::string& zone : block.zones) {
        for (const std::string& plugin : block.plugins) {
          out.sample({{"server", server}, {"zone", zone}, {"view", ""}, {"name", plugin}}, 1);
        }
      }
    }
  }
  out.counter("coredns_reload_failed_total", "Configurations that could not be put in force.");
  out.sample({}, static_cast<double>(status.config_failures));
  out.gauge("coredns_reload_version_info", "Always 1: the hash of the configuration in force.");
  if (!status.config_hash.empty()) {
    out.sample({{"hash", "sha512"}, {"value", status.config_hash}}, 1);
  }
}

// Of these the rows with labels tell more: coredns_dns_requests_total and _responses_total,
// coredns_proxy_request_duration_seconds and _conn_cache_*, meshdns_upstream_failures_total.
// coredns_panics_total is the last one under another name.
constexpr std::array<std::string_view, 17> kToldWithLabels = {
    "udp_queries",        "tcp_queries",    "format_errors",   "not_implemented",   "refused",
    "servfail",           "mesh_answers",   "mesh_nxdomain",   "forwarded",         "upstream_sent",
    "upstream_replies",   "upstream_tcp",   "upstream_errors", "upstream_timeouts", "upstream_mismatched",
    "upstream_malformed", "internal_errors"};

void write_counter(std::string_view name, std::string_view help, std::uint64_t count, MetricsText& out) {
  if (std::ranges::find(kToldWithLabels, name) == kToldWithLabels.end()) {
    out.counter(fmt::format("meshdns_{}_total", name), help);
    out.sample_if_moved({}, count);
  }
}

void write_counters(const Status& status, MetricsText& out) {
#define MESHDNS_COUNTER(name, help) write_counter(#name, help, status.counters.name, out);
#include <meshdns/counters.def>
#undef MESHDNS_COUNTER
  out.counter("meshdns_config_reloads_total", "Configurations put in force, the first one not counted.");
  out.sample_if_moved({}, status.config_reloads);
  out.counter(
      "meshdns_resolv_conf_errors_total",
      "Times that a changed resolv.conf could not be used: empty, unreadable, without a name server.");
  out.sample_if_moved({}, status.resolv_conf_errors);
  out.counter("meshdns_log_lines_dropped_total", "Log lines dropped because nobody read them in time.");
  out.sample_if_moved({}, status.program.log_lines_dropped);
  out.gauge("meshdns_in_flight", "Upstream questions being asked now.");
  out.sample({}, static_cast<double>(status.in_flight));
}

template <class Write>
void for_each_zone(const Status& status, Write write) {
  for (const BlockStatus& block : status.blocks) {
    if (block.has_mesh && !block.servers.empty() && !block.zones.empty()) {
      write(block, Labels{{"server", block.servers.front()}, {"zone", block.zones.front()}});
    }
  }
}

// A number that is 0 as a rule has a row only when it is not.
template <class Number>
void write_if_any(const Status& status, Number BlockStatus::* which, MetricsText& out) {
  for_each_zone(status, [&](const BlockStatus& block, Labels labels) {
    out.sample_if_moved(std::move(labels), block.*which);
  });
}

}  // namespace

void write_server_metrics(const Status& status, MetricsText& out) {
  write_configuration(status, out);
  write_counters(status, out);
  out.gauge("meshdns_zone_names", "Names of the mesh zone.");
  for_each_zone(status, [&](const BlockStatus& block, Labels labels) {
    out.sample(std::move(labels), static_cast<double>(block.names));
  });
  out.gauge("meshdns_zone_conflicts", "Names that two resources claim.");
  write_if_any(status, &BlockStatus::name_conflicts, out);
  out.gauge("meshdns_zone_names_left_out", "Names without an address because all virtual IPs are taken.");
  write_if_any(status, &BlockStatus::names_left_out, out);
  out.counter("meshdns_zone_loads_total", "Mesh zones put in force.");
  write_if_any(status, &BlockStatus::zone_reloads, out);
  out.counter("meshdns_zone_load_failures_total", "Mesh zones that could not be read.");
  write_if_any(status, &BlockStatus::zone_failures, out);
}

}  // namespace meshdns::admin
