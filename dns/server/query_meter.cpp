#include "dns/server/query_meter.hpp"

#include <algorithm>
#include <utility>

#include "dns/wire/message.hpp"

namespace meshdns::server {
namespace {

constexpr std::size_t kOtherType = kCountedTypes.size() - 1;

constexpr std::uint8_t index_of(std::string_view type) {
  return static_cast<std::uint8_t>(std::ranges::find(kCountedTypes, type) - kCountedTypes.begin());
}

// By type number; those above are all `other`.
constexpr auto kTypeIndex = [] {
  std::array<std::uint8_t, 256> index{};
  index.fill(kOtherType);
  constexpr std::pair<std::size_t, std::string_view> kNumbers[] = {
      {1, "A"},     {2, "NS"},     {5, "CNAME"},  {6, "SOA"},    {12, "PTR"},  {15, "MX"},     {16, "TXT"},
      {28, "AAAA"}, {33, "SRV"},   {43, "DS"},    {46, "RRSIG"}, {47, "NSEC"}, {48, "DNSKEY"}, {50, "NSEC3"},
      {64, "SVCB"}, {65, "HTTPS"}, {251, "IXFR"}, {252, "AXFR"}, {255, "ANY"}};
  for (const auto& [number, name] : kNumbers) {
    index[number] = index_of(name);
  }
  return index;
}();

constexpr std::uint8_t kTypeA = index_of("A");
constexpr std::uint8_t kTypeAaaa = index_of("AAAA");

std::uint64_t nanoseconds(QueryMeter::Clock::duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

void count(Meter::Counts& counts, const MeteredQuery& query, AnsweredBy by,
           std::span<const std::uint8_t> response) {
  counts.requests[query.is_tcp][query.is_v6][query.type].add();
  if (query.dnssec_ok) {
    counts.dnssec_ok.add();
  }
  counts.request_sizes[query.is_tcp].observe(query.size);
  counts.response_sizes[query.is_tcp].observe(response.size());
  counts.responses[static_cast<std::size_t>(by)][response[3] & wire::flag::RcodeMask].add();
}

}  // namespace

MeteredQuery::MeteredQuery(const wire::QueryView& query, const Origin& origin)
    : size(static_cast<std::uint16_t>(query.packet.size())),
      type(query.qtype < kTypeIndex.size() ? kTypeIndex[query.qtype] : kOtherType),
      is_tcp(origin.is_tcp),
      is_v6(origin.is_v6),
      dnssec_ok(query.edns.dnssec_ok) {}

Meter::Meter(std::string server, std::string zone, std::size_t workers)
    : server_(std::move(server)), zone_(std::move(zone)) {
  for (std::size_t i = 0; i < workers; ++i) {
    counts_.push_back(std::make_unique<Counts>());
  }
}

QueryStatus Meter::status() const {
  QueryStatus sum{.server = server_, .zone = zone_};
  for (const auto& counts : counts_) {
    for (std::size_t tcp = 0; tcp < 2; ++tcp) {
      for (std::size_t v6 = 0; v6 < 2; ++v6) {
        for (std::size_t type = 0; type < kCountedTypes.size(); ++type) {
          sum.requests[tcp][v6][type] += counts->requests[tcp][v6][type].value();
        }
      }
      counts->request_sizes[tcp].add_to(sum.request_sizes[tcp]);
      counts->response_sizes[tcp].add_to(sum.response_sizes[tcp]);
    }
    sum.dnssec_ok += counts->dnssec_ok.value();
    for (std::size_t by = 0; by < kAnsweredByNames.size(); ++by) {
      for (std::size_t rcode = 0; rcode < kCountedRcodes; ++rcode) {
        sum.responses[by][rcode] += counts->responses[by][rcode].value();
      }
    }
    counts->durations.add_to(sum.durations);
    counts->upstream_durations.add_to(sum.upstream_durations);
    sum.upstream_failures += counts->upstream_failures.value();
    for (std::size_t type = 0; type < sum.upstream_queries.size(); ++type) {
      sum.upstream_queries[type] += counts->upstream_queries[type].value();
    }
  }
  return sum;
}

Meter& Meters::of(const std::string& server, const std::string& zone) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      meters_, [&](const Meter& meter) { return meter.server() == server && meter.zone() == zone; });
  return found != meters_.end() ? *found : meters_.emplace_back(server, zone, workers_);
}

std::vector<QueryStatus> Meters::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<QueryStatus> status;
  for (const Meter& meter : meters_) {
    status.push_back(meter.status());
  }
  return status;
}

void QueryMeter::answered(Meter& meter, const MeteredQuery& query, AnsweredBy by,
                          std::span<const std::uint8_t> response) {
  Meter::Counts& counts = meter.of(worker_);
  count(counts, query, by, response);
  if (counts.pending++ == 0) {
    counts.next_pending = std::exchange(pending_, &counts);
  }
}

void QueryMeter::answered_late(Meter& meter, const MeteredQuery& query, AnsweredBy by,
                               std::span<const std::uint8_t> response, Clock::duration took) {
  Meter::Counts& counts = meter.of(worker_);
  count(counts, query, by, response);
  counts.durations.observe(nanoseconds(took));
}

void QueryMeter::answered_upstream(Meter& meter, const MeteredQuery& query, AnsweredBy by,
                                   std::span<const std::uint8_t> response, Clock::duration took,
                                   bool has_failed) {
  answered_late(meter, query, by, response, took);
  Meter::Counts& counts = meter.of(worker_);
  counts.upstream_durations.observe(nanoseconds(took));
  counts.upstream_queries[query.type == kTypeA ? 0 : query.type == kTypeAaaa ? 1 : 2].add();
  if (has_failed) {
    counts.upstream_failures.add();
  }
}

void QueryMeter::settle() {
  const std::uint64_t took = nanoseconds(Clock::now() - batch_began_);
  for (Meter::Counts* counts = std::exchange(pending_, nullptr); counts != nullptr;) {
    counts->durations.observe(took, std::exchange(counts->pending, 0));
    counts = std::exchange(counts->next_pending, nullptr);
  }
}

}  // namespace meshdns::server
