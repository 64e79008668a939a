// QueryMeter: what metrics tell of queries. One set of counters per worker and Meter; a worker adds to its
// own, whoever reads them sums them up. A query costs a few plain additions, no clock, no lock.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <meshdns/traffic_status.hpp>

#include "dns/base/counters.hpp"
#include "dns/base/live_histogram.hpp"
#include "dns/server/origin.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

// What is counted of a query; kept of one that is answered later.
struct MeteredQuery {
  MeteredQuery() = default;
  MeteredQuery(const wire::QueryView& query, const Origin& origin);

  std::uint16_t size = 0;
  std::uint8_t type = 0;  // index into kCountedTypes
  bool is_tcp = false;
  bool is_v6 = false;
  bool dnssec_ok = false;
};

// The queries that came to one server address and were taken by one zone.
class Meter {
 public:
  // Of one worker; only that worker adds.
  struct alignas(64) Counts {
    std::array<std::array<std::array<base::Counter, kCountedTypes.size()>, 2>, 2> requests;
    base::Counter dnssec_ok;
    std::array<base::LiveSizes, 2> request_sizes;
    std::array<base::LiveSizes, 2> response_sizes;
    std::array<std::array<base::Counter, kCountedRcodes>, kAnsweredByNames.size()> responses;
    base::LiveDurations durations;
    base::LiveDurations upstream_durations;
    base::Counter upstream_failures;
    std::array<base::Counter, 3> upstream_queries;

    // Answered in the batch at hand; their duration is not known yet. For the worker alone.
    std::uint32_t pending = 0;
    Counts* next_pending = nullptr;
  };

  Meter(std::string server, std::string zone, std::size_t workers);

  Counts& of(std::size_t worker) { return *counts_[worker]; }
  const std::string& server() const { return server_; }
  const std::string& zone() const { return zone_; }
  QueryStatus status() const;

 private:
  std::string server_;
  std::string zone_;
  std::vector<std::unique_ptr<Counts>> counts_;
};

// Every Meter that was ever needed: counters do not start again when a configuration is reloaded.
class Meters {
 public:
  // `workers` is how many there are until the end.
  void start(std::size_t workers) { workers_ = workers; }

  Meter& of(const std::string& server, const std::string& zone);
  std::vector<QueryStatus> status() const;  // from any thread

 private:
  std::size_t workers_ = 0;
  mutable std::mutex mutex_;
  std::deque<Meter> meters_;
};

// One worker's hand on the counters. Not thread-safe.
class QueryMeter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit QueryMeter(std::size_t worker) : worker_(worker) {}

  std::size_t worker() const { return worker_; }

  // False: nobody wants metrics, and nothing below is called.
  void turn(bool on) { is_on_ = on; }

  // Around the queries that were received at once. What is answered in between took as long as all of them.
  void begin_batch() {
    if (is_on_) [[unlikely]] {
      batch_began_ = Clock::now();
    }
  }
  void end_batch() {
    if (pending_ != nullptr) [[unlikely]] {
      settle();
    }
  }

  // Answered within its batch.
  void answered(Meter& meter, const MeteredQuery& query, AnsweredBy by,
                std::span<const std::uint8_t> response);
  // Answered later, without an upstream, or with what an upstream said or failed to say.
  void answered_late(Meter& meter, const MeteredQuery& query, AnsweredBy by,
                     std::span<const std::uint8_t> response, Clock::duration took);
  void answered_upstream(Meter& meter, const MeteredQuery& query, AnsweredBy by,
                         std::span<const std::uint8_t> response, Clock::duration took, bool has_failed);

 private:
  void settle();

  std::size_t worker_;
  bool is_on_ = false;
  Clock::time_point batch_began_;
  Meter::Counts* pending_ = nullptr;  // list of those with `pending` not 0
};

}  // namespace meshdns::server
