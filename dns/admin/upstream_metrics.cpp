// coredns_proxy_*, meshdns_upstream_*: one row per upstream; coredns_forward_*: over all of them.
#include <array>
#include <string_view>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

constexpr std::array<std::string_view, 3> kTransports = {"udp", "tcp", "tcp-tls"};

Labels labels_of(const UpstreamStatus& upstream) {
  return {{"proxy_name", upstream.proxy_name}, {"to", upstream.address.to_string()}};
}

// What went wrong with messages to an upstream, by a closed list of reasons.
void write_failures(const Status& status, MetricsText& out) {
  out.counter("meshdns_upstream_failures_total", "Messages to an upstream that went wrong, by reason.");
  for (const UpstreamStatus& upstream : status.upstreams) {
    for (std::size_t i = 0; i < kUpstreamFaultNames.size(); ++i) {
      Labels labels = labels_of(upstream);
      labels.emplace_back("reason", kUpstreamFaultNames[i]);
      out.sample_if_moved(std::move(labels), upstream.faults[i]);
    }
  }
}

void write_states(const Status& status, MetricsText& out) {
  out.gauge("meshdns_upstream_up", "0 for an upstream that is left out: it is down, or leads back here.");
  for (const UpstreamStatus& upstream : status.upstreams) {
    out.sample(labels_of(upstream), upstream.is_down || upstream.is_looping ? 0 : 1);
  }
}

void write_reuse(const Status& status, std::uint64_t UpstreamStatus::Reuse::* which, MetricsText& out) {
  for (const UpstreamStatus& upstream : status.upstreams) {
    for (std::size_t i = 0; i < kTransports.size(); ++i) {
      Labels labels = labels_of(upstream);
      labels.emplace_back("proto", kTransports[i]);
      out.sample_if_moved(std::move(labels), upstream.reuse[i].*which);
    }
  }
}

}  // namespace

void write_upstream_metrics(const Status& status, MetricsText& out) {
  out.histogram("coredns_proxy_request_duration_seconds",
                "Time from sending a message to an upstream to its reply, by rcode.");
  for (const UpstreamStatus& upstream : status.upstreams) {
    for (const auto& [rcode, durations] : upstream.replies) {
      Labels labels = labels_of(upstream);
      labels.emplace_back("rcode", rcode_label(rcode));
      out.sample(std::move(labels), coredns_durations(durations));
    }
  }
  out.counter("coredns_proxy_healthcheck_failures_total", "Failed health checks of an upstream.");
  for (const UpstreamStatus& upstream : status.upstreams) {
    out.sample_if_moved(labels_of(upstream), upstream.healthcheck_failures);
  }
  out.counter("coredns_proxy_conn_cache_hits_total", "Messages sent through a socket that was open already.");
  write_reuse(status, &UpstreamStatus::Reuse::hits, out);
  out.counter("coredns_proxy_conn_cache_misses_total", "Messages that a socket was opened for.");
  write_reuse(status, &UpstreamStatus::Reuse::misses, out);

  out.counter("meshdns_upstream_held_back_total",
              "Messages that max_rate did not let go to an upstream when they were due.");
  for (const UpstreamStatus& upstream : status.upstreams) {
    out.sample_if_moved(labels_of(upstream), upstream.held_back);
  }
  write_failures(status, out);
  write_states(status, out);
  out.counter("coredns_forward_healthcheck_broken_total", "Queries that found all upstreams down.");
  out.sample({}, static_cast<double>(status.all_upstreams_down));
  out.counter("coredns_forward_max_concurrent_rejects_total", "Queries refused because of max_concurrent.");
  out.sample({}, static_cast<double>(status.max_concurrent_rejects));
}

}  // namespace meshdns::admin
