// What a server counts of the queries it answered, of its upstreams and of its caches. Sums over all workers.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/histogram.hpp>

namespace meshdns {

// Who wrote a response; the names are those of the directives.
enum class AnsweredBy : std::uint8_t {
  Server,  // an error that no directive had a part in
  Acl,
  Alternate,
  Any,
  Cache,
  Chaos,
  Dns64,
  File,
  Forward,
  Hosts,
  Local,
  Mesh,
  Template,
  Whoami,
};

inline constexpr std::array<std::string_view, 14> kAnsweredByNames = {
    "",     "acl",     "alternate", "any",   "cache", "chaos",    "dns64",
    "file", "forward", "hosts",     "local", "mesh",  "template", "whoami"};

// The types that are counted apart; every other one is the last.
inline constexpr std::array<std::string_view, 20> kCountedTypes = {
    "A",     "AAAA", "CNAME", "DNSKEY", "DS",    "MX",   "NSEC3", "NSEC", "NS",  "PTR",
    "RRSIG", "SOA",  "SRV",   "TXT",    "HTTPS", "SVCB", "IXFR",  "AXFR", "ANY", "other"};

inline constexpr std::size_t kCountedRcodes = 16;  // those of the header

// Queries that came to one address and were taken by one zone, each counted once in every group.
struct QueryStatus {
  std::string server;  // `dns://127.0.0.1:53`, `dns://:53`
  std::string zone;    // with final dot; `dropped`: no server block took them

  // By protocol (UDP, TCP), family of the client (IPv4, IPv6), type.
  std::array<std::array<std::array<std::uint64_t, kCountedTypes.size()>, 2>, 2> requests{};
  std::uint64_t dnssec_ok = 0;                  // those with the DO bit
  std::array<SizeHistogram, 2> request_sizes;   // by protocol
  std::array<SizeHistogram, 2> response_sizes;  // by protocol
  std::array<std::array<std::uint64_t, kCountedRcodes>, kAnsweredByNames.size()> responses{};
  DurationHistogram durations;

  // Of those, what had to be asked of an upstream.
  DurationHistogram upstream_durations;
  std::uint64_t upstream_failures = 0;              // no upstream had a usable reply
  std::array<std::uint64_t, 3> upstream_queries{};  // by type: A, AAAA, other
};

// What may go wrong with a message to an upstream.
enum class UpstreamFault : std::uint8_t {
  Timeout,      // nothing for 0.4 s
  Refused,      // the port is closed
  Unreachable,  // no route, no address to send from
  Broken,       // the connection was reset or cannot be verified
  Servfail,
  Truncated,  // over UDP; asked again over TCP
  Mismatch,   // a reply to another question
  Malformed,
};

inline constexpr std::array<std::string_view, 8> kUpstreamFaultNames = {
    "timeout", "refused", "unreachable", "broken", "servfail", "truncated", "mismatch", "malformed"};

// One upstream of `forward` or `alternate`.
struct UpstreamStatus {
  // Sockets or connections that were used again, and such that had to be opened.
  struct Reuse {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };

  SocketAddress address;
  std::string proxy_name;                              // the directive: `forward`, `alternate`
  std::uint64_t sent = 0;                              // questions, repeated ones included
  std::map<std::uint16_t, DurationHistogram> replies;  // by rcode: from sending to the accepted reply
  std::array<std::uint64_t, kUpstreamFaultNames.size()> faults{};
  std::uint64_t healthcheck_failures = 0;
  std::uint64_t held_back = 0;  // messages that `max_rate` did not let go there when they were due
  std::array<Reuse, 3> reuse;   // UDP, TCP, TLS

  // How it fares now.
  bool is_down = false;              // for all workers
  bool is_looping = false;           // it leads back to this server
  std::uint64_t failures = 0;        // unanswered or failed tries, since the start
  std::chrono::microseconds rtt{0};  // smoothed; 0: nothing was heard of it yet
  std::string last_error;            // of the last failed try
};

// What a directive counts of its own: `acl`, `local`, `template`.
struct DirectiveStatus {
  std::string metric;  // CoreDNS's name without `coredns_` and `_total`
  std::vector<std::pair<std::string, std::string>> labels;
  std::uint64_t count = 0;
};

// The names of the `hosts` directive of one server block.
struct HostsStatus {
  std::string path;
  std::uint64_t entries =
      0;  // addresses of names and names of addresses, those of the configuration included
  std::optional<std::chrono::system_clock::time_point> modified;  // the file; none: there is no file
};

// The cache of one server block.
struct CacheStatus {
  struct Store {
    std::uint64_t entries = 0;
    std::uint64_t octets = 0;  // of the entries
    std::uint64_t hits = 0;
    std::uint64_t evictions = 0;
  };

  std::string server;
  std::string zones;  // of the directive
  Store success;
  Store denial;
  std::uint64_t requests = 0;
  std::uint64_t misses = 0;
  std::uint64_t drops = 0;  // replies that did not fit their question
  std::uint64_t prefetches = 0;
  std::uint64_t served_stale = 0;
};

}  // namespace meshdns
