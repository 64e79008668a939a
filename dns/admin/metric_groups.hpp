// The groups of metrics, each a function of plain sums. Names, types, labels and bounds are those that
// dashboards of CoreDNS and of Kuma ask for; what has no counterpart there begins with `meshdns_`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <meshdns/status.hpp>

#include "dns/admin/health_probe.hpp"
#include "dns/admin/metrics_text.hpp"

namespace meshdns::admin {

void write_query_metrics(const Status& status, MetricsText& out);      // coredns_dns_*
void write_upstream_metrics(const Status& status, MetricsText& out);   // coredns_proxy_*, coredns_forward_*
void write_cache_metrics(const Status& status, MetricsText& out);      // coredns_cache_*
void write_directive_metrics(const Status& status, MetricsText& out);  // coredns_acl_*, coredns_template_*...
void write_kuma_metrics(const Status& status, MetricsText& out);       // kuma_dp_dns_*
void write_server_metrics(const Status& status, MetricsText& out);     // coredns_build_info..., meshdns_*
void write_health_metrics(const HealthStatus& health, MetricsText& out);  // coredns_health_*
void write_process_metrics(MetricsText& out);                             // process_*

// All of them.
std::string metrics_of(const Status& status, const std::optional<HealthStatus>& health = {});

// Parts of several.
WrittenHistogram coredns_durations(const DurationHistogram& durations);  // in seconds
WrittenHistogram kuma_durations(const DurationHistogram& durations);     // in seconds
WrittenHistogram coredns_sizes(const SizeHistogram& sizes);
std::string rcode_label(std::uint16_t rcode);

}  // namespace meshdns::admin
