// What directives count of their own: acl, dns64, hosts, local, template.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

struct Counted {
  std::string_view metric;
  std::string_view help;
};

constexpr std::array<Counted, 8> kCounted{{
    {"acl_allowed_requests", "Queries that acl let pass."},
    {"acl_blocked_requests", "Queries that acl answered REFUSED."},
    {"acl_filtered_requests", "Queries that acl answered without records."},
    {"acl_dropped_requests", "Queries that acl did not answer."},
    {"local_localhost_requests", "Queries for names below localhost."},
    {"template_matches", "Queries that a template matched."},
    {"template_template_failures", "Records of a template whose actions failed."},
    {"template_rr_failures", "Records of a template that turned out to be none."},
}};

void write_counts(const Status& status, MetricsText& out) {
  for (const auto& [metric, help] : kCounted) {
    out.counter(fmt::format("coredns_{}_total", metric), help);
    for (const DirectiveStatus& row : status.directives) {
      if (row.metric == metric) {
        out.sample_if_moved(row.labels, row.count);
      }
    }
  }
}

// Every answer that dns64 made is one.
void write_translations(const Status& status, MetricsText& out) {
  std::map<std::string, std::uint64_t> by_server;
  for (const QueryStatus& queries : status.queries) {
    for (const std::uint64_t count : queries.responses[static_cast<std::size_t>(AnsweredBy::Dns64)]) {
      by_server[queries.server] += count;
    }
  }
  out.counter("coredns_dns64_requests_translated_total", "Queries answered with addresses that dns64 made.");
  for (const auto& [server, count] : by_server) {
    out.sample_if_moved({{"server", server}}, count);
  }
}

void write_hosts(const Status& status, MetricsText& out) {
  std::map<std::string, const HostsStatus*> by_path;  // blocks that share a file have it once
  for (const BlockStatus& block : status.blocks) {
    if (block.hosts) {
      by_path[block.hosts->path] = &*block.hosts;
    }
  }
  out.gauge("coredns_hosts_entries", "Names and addresses of the hosts file and the lines of the Corefile.");
  for (const auto& [path, hosts] : by_path) {
    out.sample({{"hostsfile", path}}, static_cast<double>(hosts->entries));
  }
  out.gauge("coredns_hosts_reload_timestamp_seconds", "When the hosts file in force was changed last.");
  std::optional<std::chrono::system_clock::time_point> last;
  for (const auto& [path, hosts] : by_path) {
    last = std::max(last, hosts->modified);
  }
  if (last) {
    out.sample({}, std::chrono::duration<double>(last->time_since_epoch()).count());
  }
}

}  // namespace

void write_directive_metrics(const Status& status, MetricsText& out) {
  write_counts(status, out);
  write_translations(status, out);
  write_hosts(status, out);
}

}  // namespace meshdns::admin
