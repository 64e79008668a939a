// Status: a copy of what a running server knows about itself, for health checks and metrics of the host
// program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <meshdns/address.hpp>

namespace meshdns {

struct CounterValues {
#define MESHDNS_COUNTER(name, help) std::uint64_t name = 0;
#include <meshdns/counters.def>
#undef MESHDNS_COUNTER
};

struct BlockStatus {
  bool zone_loaded = false;        // a mesh zone is being served
  std::size_t names = 0;           // names in it
  std::uint64_t zone_reloads = 0;  // successful loads of this configuration, the first one included
  std::uint64_t zone_failures = 0;
  std::string last_zone_error;     // empty after a successful load
  std::size_t name_conflicts = 0;  // names that two resources claim
  std::size_t names_left_out = 0;  // names without an address because the range of virtual IPs is full
  std::map<std::string, std::string> extra_labels;  // MeshZone::extra_labels
};

struct Status {
  std::vector<SocketAddress> listening;  // with the ports that the kernel picked
  std::vector<BlockStatus> blocks;       // as in ServerOptions::blocks
  std::uint64_t config_reloads = 0;      // successful ones, the start not counted
  std::uint64_t config_failures = 0;
  std::size_t in_flight = 0;  // upstream questions being asked now
  CounterValues counters;
};

}  // namespace meshdns
