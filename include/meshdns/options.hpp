// ServerOptions: everything a server is told. A Corefile is one way to write them (corefile.hpp); a host
// program may fill them by hand. Plain data: nothing here opens, resolves or checks anything.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/plugin_options.hpp>
#include <meshdns/zone.hpp>
#include <meshdns/zone_file.hpp>

namespace meshdns {

// Where an option was written, for messages and for `explain`; empty when it was not read from a file.
struct OptionLocation {
  std::string file;
  std::uint32_t line = 0;
};

struct MeshOptions {
  ZoneSource source;   // what to read; paths may be empty if the host program replaces the zone itself
  bool reload = true;  // watch the files and reload when they change
  std::chrono::milliseconds poll_interval{10'000};  // of remote paths, 100 ms..1 h
  // Folder where the last good document of each remote path is kept for the next start; empty: nowhere.
  std::string last_good;
  OptionLocation where;
};

// Path of a file whose `nameserver` lines are upstreams; it is watched and re-read when it changes.
struct ResolvConf {
  std::string path;
};

using UpstreamSource = std::variant<SocketAddress, ResolvConf>;

enum class ForwardPolicy : std::uint8_t {
  Sequential,  // the order in which they are written, first healthy one first
  RoundRobin,
  Random,
};

struct ForwardOptions {
  DomainName from;                 // names at or below it are forwarded by this directive
  std::vector<UpstreamSource> to;  // 1..15
  ForwardPolicy policy = ForwardPolicy::Sequential;
  std::vector<DomainName> except;  // names at or below these are not
  OptionLocation where;
};

struct LogOptions {
  std::vector<DomainName> zones;  // log queries at or below these; never empty (the root: all)
  OptionLocation where;
};

// A server block: for these zones, on these addresses, do this.
struct BlockOptions {
  std::vector<DomainName> zones;
  std::vector<SocketAddress>
      listen;  // an unspecified ip is the wildcard of its family; port 0: the kernel picks one
  std::optional<MeshOptions> mesh;
  std::vector<ForwardOptions> forward;  // tried in this order
  bool errors = false;
  std::optional<LogOptions> log;
  PluginOptions plugins;
  OptionLocation where;
};

struct ServerOptions {
  std::vector<BlockOptions> blocks;

  // Threads, each with its own sockets, cache and upstream channels. 1..64. Fixed while the server runs.
  unsigned workers = 1;

  // Distinct upstream questions in flight per worker; above it new ones get SERVFAIL at once.
  std::size_t max_in_flight = 4096;

  std::size_t tcp_max_connections = 256;                       // per worker
  std::size_t tcp_max_queries_in_flight = 32;                  // per connection
  std::chrono::milliseconds tcp_idle_timeout{10'000};          // RFC 7766 6.2.3
  std::chrono::milliseconds tcp_first_message_timeout{3'000};  // also for the rest of a half-received message
};

}  // namespace meshdns
