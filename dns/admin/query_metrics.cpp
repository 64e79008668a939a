// coredns_dns_*: every query once in each.
#include <array>
#include <string_view>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

constexpr std::array<std::string_view, 2> kProtocols = {"udp", "tcp"};
constexpr std::array<std::string_view, 2> kFamilies = {"1", "2"};

// CoreDNS's label `view` is there and empty.
Labels labels_of(const QueryStatus& queries) {
  return {{"server", queries.server}, {"zone", queries.zone}, {"view", ""}};
}

void write_requests(const Status& status, MetricsText& out) {
  out.counter("coredns_dns_requests_total", "Queries received, by protocol, address family and type.");
  for (const QueryStatus& queries : status.queries) {
    for (std::size_t tcp = 0; tcp < kProtocols.size(); ++tcp) {
      for (std::size_t v6 = 0; v6 < kFamilies.size(); ++v6) {
        for (std::size_t type = 0; type < kCountedTypes.size(); ++type) {
          out.sample_if_moved(
              with(labels_of(queries),
                   {{"proto", kProtocols[tcp]}, {"family", kFamilies[v6]}, {"type", kCountedTypes[type]}}),
              queries.requests[tcp][v6][type]);
        }
      }
    }
  }
}

void write_responses(const Status& status, MetricsText& out) {
  out.counter("coredns_dns_responses_total",
              "Responses sent, by rcode and by the directive that wrote them.");
  for (const QueryStatus& queries : status.queries) {
    for (std::size_t by = 0; by < kAnsweredByNames.size(); ++by) {
      for (std::size_t rcode = 0; rcode < kCountedRcodes; ++rcode) {
        out.sample_if_moved(
            with(labels_of(queries), {{"rcode", rcode_label(static_cast<std::uint16_t>(rcode))},
                                      {"plugin", kAnsweredByNames[by]}}),
            queries.responses[by][rcode]);
      }
    }
  }
}

void write_sizes(const Status& status, const std::array<SizeHistogram, 2> QueryStatus::* sizes,
                 MetricsText& out) {
  for (const QueryStatus& queries : status.queries) {
    for (std::size_t tcp = 0; tcp < kProtocols.size(); ++tcp) {
      if (const SizeHistogram& of_protocol = (queries.*sizes)[tcp]; of_protocol.total() != 0) {
        out.sample(with(labels_of(queries), {{"proto", kProtocols[tcp]}}), coredns_sizes(of_protocol));
      }
    }
  }
}

}  // namespace

void write_query_metrics(const Status& status, MetricsText& out) {
  write_requests(status, out);
  write_responses(status, out);
  out.histogram("coredns_dns_request_duration_seconds",
                "Time from receiving a query to sending its response.");
  for (const QueryStatus& queries : status.queries) {
    if (queries.durations.total() != 0) {
      out.sample(labels_of(queries), coredns_durations(queries.durations));
    }
  }
  out.histogram("coredns_dns_request_size_bytes", "Sizes of queries.");
  write_sizes(status, &QueryStatus::request_sizes, out);
  out.histogram("coredns_dns_response_size_bytes", "Sizes of responses.");
  write_sizes(status, &QueryStatus::response_sizes, out);
  out.counter("coredns_dns_do_requests_total", "Queries with the DO bit.");
  for (const QueryStatus& queries : status.queries) {
    out.sample_if_moved(labels_of(queries), queries.dnssec_ok);
  }
}

}  // namespace meshdns::admin
