// Status: a copy of what a running server knows about itself, for health checks and metrics of the host
// program.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/traffic_status.hpp>

namespace meshdns {

struct CounterValues {
#define MESHDNS_COUNTER(name, help) std::uint64_t name = 0;
#include <meshdns/counters.def>
#undef MESHDNS_COUNTER
};

struct BlockStatus {
  std::vector<std::string> servers;  // its addresses as metrics name them: `dns://:53`
  std::vector<std::string> zones;    // with final dot
  std::vector<std::string> plugins;  // BlockOptions::directives

  bool has_mesh = false;
  std::vector<std::string> waiting_for;  // paths whose first document is still to come
  bool zone_loaded = false;              // a mesh zone is being served
  std::size_t names = 0;                 // names in it
  std::uint64_t zone_reloads = 0;        // successful loads of this configuration, the first one included
  std::uint64_t zone_failures = 0;
  std::optional<std::chrono::system_clock::time_point> zone_since;  // when the zone in force was loaded
  std::string last_zone_error;                                      // empty after a successful load
  std::size_t name_conflicts = 0;                                   // names that two resources claim
  std::size_t names_left_out = 0;  // names without an address because the range of virtual IPs is full
  std::map<std::string, std::string> extra_labels;  // MeshZone::extra_labels

  std::optional<HostsStatus> hosts;  // none: no such directive
};

// What the program around the server says of itself, for metrics.
struct ProgramStatus {
  std::string version;  // of CoreDNS, which it stands in for
  std::string revision;
  std::uint64_t log_lines_dropped = 0;  // because nobody read them in time
};

struct Status {
  std::vector<SocketAddress> listening;  // with the ports that the kernel picked
  // Of /metrics, /health, /ready and `admin`: by address as it was asked for.
  std::map<SocketAddress, SocketAddress> http_listening;
  std::vector<BlockStatus> blocks;   // as in ServerOptions::blocks
  std::uint64_t config_reloads = 0;  // successful ones, the start not counted
  std::uint64_t config_failures = 0;
  std::uint64_t resolv_conf_errors = 0;  // changes of such files that left the upstreams as they were
  std::string config_hash;               // ServerOptions::config_hash of those in force
  std::optional<std::chrono::nanoseconds> ready_after;  // from the start until every mesh zone was loaded
  ProgramStatus program;
  std::size_t in_flight = 0;  // upstream questions being asked now
  CounterValues counters;
  std::vector<QueryStatus> queries;         // of blocks with `prometheus`, past ones included
  std::vector<DirectiveStatus> directives;  // as `queries`
  std::vector<UpstreamStatus> upstreams;
  std::vector<CacheStatus> caches;
  std::uint64_t all_upstreams_down = 0;      // queries that found no upstream in good health
  std::uint64_t max_concurrent_rejects = 0;  // queries refused because of `max_concurrent`
};

}  // namespace meshdns
