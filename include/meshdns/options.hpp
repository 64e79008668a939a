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
#include <meshdns/log_sink.hpp>
#include <meshdns/option_location.hpp>
#include <meshdns/plugin_options.hpp>
#include <meshdns/zone.hpp>
#include <meshdns/zone_file.hpp>

namespace meshdns {

// Names that a stub resolver makes of a name of the mesh and a suffix of its search list, which are
// answered here instead of being forwarded: `backend.mesh.example.com`.
struct SearchOptions {
  enum class Answer : std::uint8_t {
    NxDomain,
    Cname,  // to the name of the mesh, with its records
  };

  Answer answer = Answer::NxDomain;
  std::vector<DomainName> suffixes;
  std::string resolv_conf;  // path of a file whose `search` or `domain` line has more of them; empty: none
};

struct MeshOptions {
  ZoneSource source;   // what to read; paths may be empty if the host program replaces the zone itself
  bool reload = true;  // watch the files and reload when they change
  std::chrono::milliseconds poll_interval{10'000};  // of remote paths, 100 ms..1 h
  bool ent_nxdomain = false;  // a name without records on the way to others does not exist (against RFC 8020)
  std::optional<SearchOptions> search;
  // Folder where the last good document of each remote path is kept for the next start; empty: nowhere.
  std::string last_good;
  OptionLocation where;
};

// Path of a file whose `nameserver` lines are upstreams; it is watched and re-read when it changes.
struct ResolvConf {
  std::string path;
};

// A host whose addresses are upstreams; they are looked up whenever the upstreams are read.
struct UpstreamHost {
  DomainName name;
  std::uint16_t port = 53;
};

// A server that is asked over TLS (RFC 7858).
struct TlsUpstream {
  SocketAddress address;
  std::string server_name;  // that its certificate must be for; empty: ForwardOptions::tls has it
};

using UpstreamSource = std::variant<SocketAddress, ResolvConf, UpstreamHost, TlsUpstream>;

// PEM files; empty: none.
struct TlsOptions {
  std::string certificate;  // of ours, for servers that want one
  std::string key;
  std::string ca;           // empty: the system's
  std::string server_name;  // empty: the certificate must be for the server's address
};

enum class ForwardPolicy : std::uint8_t {
  Sequential,  // the order in which they are written, first healthy one first
  RoundRobin,
  Random,
};

// How an upstream that left questions unanswered is asked whether it is back.
struct ProbeOptions {
  std::chrono::milliseconds interval{1'000};  // 0: never
  DomainName name;                            // its NS records are asked for
  bool recursive = true;                      // with RD
};

// Of messages to one upstream, all workers together.
struct RateLimit {
  unsigned per_second = 0;  // 0: none
  unsigned burst = 0;       // that may be sent at once after a pause
};

struct ForwardOptions {
  DomainName from;                      // names at or below it are forwarded by this directive
  std::vector<UpstreamSource> to;       // 1..15
  std::optional<ForwardPolicy> policy;  // none: what a resolv.conf says (`rotate`), else Sequential
  std::vector<DomainName> except;       // names at or below these are not

  bool force_tcp = false;
  bool prefer_udp = false;  // also where a resolv.conf says `use-vc`
  bool trust_ad = false;    // the AD bit of all these upstreams is passed on; else of those only whose
                            // resolv.conf says `trust-ad`
  TlsOptions tls;
  std::optional<IpAddress> source_address;   // of our sockets; upstreams of its family only
  std::uint32_t mark = 0;                    // SO_MARK of our sockets, which needs CAP_NET_ADMIN; 0: none
  std::chrono::milliseconds expire{10'000};  // idle sockets and connections are not used again after it
  std::chrono::milliseconds max_age{0};      // 0: a connection may live for ever
  std::size_t max_idle_connections = 0;      // per upstream and worker; 0: as many as may be open
  // Messages per question; none: what a resolv.conf says (`attempts`); 0, and else: as many as there is time
  // for.
  std::optional<unsigned> max_attempts;
  unsigned max_fails = 1;  // failures in a row that put an upstream last; 0: never
  bool fail_fast = false;  // when all are down, fail instead of trying them
  ProbeOptions probe;
  RateLimit max_rate;
  std::size_t max_concurrent = 0;        // questions in flight, all workers; 0: only the table's limit
  std::vector<std::uint16_t> failover;   // codes that are not taken from one upstream alone
  std::vector<std::uint16_t> next;       // codes for which the block's next covering `forward` is asked
  bool next_on_nodata = false;           // ... and for NOERROR without an answer
  bool relay_updates = false;            // UPDATE (RFC 2136) is passed on; not for upstreams with TLS
  std::vector<SocketAddress> resolvers;  // who looks up hosts in `to`; empty: those of /etc/resolv.conf

  OptionLocation where;
};

// Whom to ask when the `forward` of a block brought one of these codes, or when it brought nothing (SERVFAIL)
// or was not allowed to ask (REFUSED).
struct AlternateOptions {
  std::vector<std::uint16_t> rcodes;  // no code in two alternates of a block
  std::vector<UpstreamSource> to;     // 1..15
  OptionLocation where;
};

// Which answers a query log has.
struct LogClasses {
  bool success = true;  // data, or a delegation
  bool denial = true;   // NXDOMAIN, or NOERROR without data
  bool error = true;    // every other code
};

// Answers from what is over, when no upstream answers (RFC 8767).
struct StaleOptions {
  std::chrono::milliseconds max_age{3'600'000};  // since the record's TTL was over
  // Whether an upstream is asked first, and how long it may be silent before the stale answer is given.
  // Otherwise the stale answer is given at once and the upstream asked meanwhile.
  bool asks_first = true;
  std::chrono::milliseconds wait{1'800};
  std::chrono::seconds ttl{30};               // of the records of a stale answer
  std::chrono::milliseconds recheck{30'000};  // after a failure, how long the upstream is not asked again
  bool prefers_positive = false;              // NXDOMAIN and NODATA count as a failure, too
  bool operator==(const StaleOptions&) const = default;
};

// Keeps what upstreams replied. Each worker has a cache of its own of this size.
struct CacheOptions {
  struct Share {
    std::optional<std::size_t> capacity;  // in entries, at least 1024; empty: as many as `octets` hold
    std::chrono::seconds max_ttl{0};
    std::chrono::seconds min_ttl{0};
    std::vector<DomainName> disabled;  // of names at or below these nothing is kept
    bool operator==(const Share&) const = default;
  };

  std::vector<DomainName> zones;  // only names at or below these; empty: all of the block
  std::size_t octets = 8U << 20;  // of memory; three quarters for positive answers
  Share success{.max_ttl = std::chrono::seconds(3600)};
  Share denial{.max_ttl = std::chrono::seconds(30)};
  std::chrono::milliseconds failure_ttl{1'000};    // 0: failures are not remembered
  unsigned prefetch_hits = 0;                      // hits that make a name worth a prefetch; 0: none is
  std::chrono::milliseconds prefetch_gap{60'000};  // a longer pause between two hits starts the count again
  unsigned prefetch_percent = 10;                  // of the TTL is left when the prefetch is due
  bool keeps_ttl = false;                          // TTLs are not counted down
  std::optional<StaleOptions> stale;               // empty: no stale answers
  bool operator==(const CacheOptions&) const = default;
};

struct LogOptions {
  std::vector<DomainName> zones;  // log queries at or below these; never empty (the root: all)
  std::string format;             // CoreDNS's placeholders; empty: its common format
  LogClasses classes;
  OptionLocation where;
};

// Errors that are not logged one by one but counted.
struct ConsolidateOptions {
  std::chrono::milliseconds interval{};  // one line after it, if there were any
  std::string pattern;                   // regular expression (RE2), matched anywhere in the error
  LogLevel level = LogLevel::Error;
  bool show_first = false;  // log the first one of an interval at once
};

enum class ClientCertificate : std::uint8_t {
  NotAsked,
  CheckedIfGiven,
  Required,
};

// TLS towards HTTP clients. The PEM files are read again for every connection; ones that cannot be used any
// more leave those of the connection before in force.
struct HttpTlsOptions {
  std::string certificate;  // ours, with its chain
  std::string key;
  std::string client_ca;  // who may vouch for clients; not used where they are not asked
  ClientCertificate client = ClientCertificate::NotAsked;
  bool only_tls13 = false;  // false: TLS 1.2 too

  bool operator==(const HttpTlsOptions&) const = default;
};

// Metrics for Prometheus at /metrics. An address that several blocks, or several of these options, name is
// listened on once.
struct PrometheusOptions {
  std::vector<SocketAddress> listen;
  std::optional<HttpTlsOptions> tls;  // none: clear text. The same for all that share an address
  OptionLocation where;
};

// Says `OK` at /health as long as the process lives.
struct HealthOptions {
  std::vector<SocketAddress> listen;
  std::chrono::milliseconds lameduck{0};  // how long stop() goes on serving before it begins to stop
  OptionLocation where;
};

// Says at /ready whether the server listens and every mesh zone was loaded once.
struct ReadyOptions {
  std::vector<SocketAddress> listen;
  bool continuously = false;                          // false: once ready, always ready
  std::chrono::milliseconds fail_open_after{15'000};  // ready without the zones after this time; 0: never
  OptionLocation where;
};

// Says at /zone, /upstreams, /inflight, /cache and /explain what the server knows and does, as JSON.
struct AdminOptions {
  std::vector<SocketAddress> listen;  // loopback only: it tells everything to everybody who asks
  OptionLocation where;
};

// How often the program looks whether the text of its options has changed.
struct ReloadOptions {
  std::chrono::milliseconds interval{30'000};
  std::chrono::milliseconds jitter{15'000};  // the interval is longer or shorter by up to half of it
};

// A server block: for these zones, on these addresses, do this.
struct BlockOptions {
  std::vector<DomainName> zones;
  std::vector<SocketAddress>
      listen;  // an unspecified ip is the wildcard of its family; port 0: the kernel picks one
  std::optional<MeshOptions> mesh;
  std::vector<ForwardOptions> forward;  // tried in this order
  std::vector<AlternateOptions> alternate;
  std::optional<CacheOptions> cache;  // of what `forward` brings
  bool errors = false;
  bool loop = false;  // an upstream that leads back here, found soon after the start, is a reason to end
  PluginOptions plugins;
  std::vector<ConsolidateOptions> consolidate;  // of errors; the first that matches counts
  std::vector<LogOptions> log;                  // the first whose zones cover the name counts
  std::optional<PrometheusOptions> prometheus;
  std::optional<HealthOptions> health;
  std::optional<ReadyOptions> ready;
  std::vector<std::string> directives;  // the names of those that were written, for metrics only
  OptionLocation where;
};

struct ServerOptions {
  std::vector<BlockOptions> blocks;

  // With it the mesh zones stay in memory as they were read, besides what is served of them.
  std::optional<AdminOptions> admin;

  // For the program around the server; a Server does nothing with them.
  std::optional<ReloadOptions> reload;
  bool debug = false;  // lines of level Debug are wanted

  std::string config_hash;  // of the text that these options were read from; for metrics only

  // Descriptors of bound UDP and TCP sockets, which are used where a listen address is theirs, instead of
  // opening one. Server::start() takes them over, whatever comes of it; reload() does not look here.
  std::vector<int> passed_sockets;

  // Threads, each with its own sockets, cache and upstream channels. 1..64. Fixed while the server runs.
  unsigned workers = 1;

  // Distinct upstream questions in flight per worker; above it new ones get SERVFAIL at once.
  std::size_t max_in_flight = 4096;

  std::size_t tcp_max_connections = 256;                       // per worker
  std::size_t tcp_max_queries_in_flight = 32;                  // per connection
  std::size_t tcp_max_queries = 0;                             // per connection, then it ends; 0: no limit
  std::chrono::milliseconds tcp_idle_timeout{10'000};          // RFC 7766 6.2.3
  std::chrono::milliseconds tcp_first_message_timeout{3'000};  // also for the rest of a half-received message
  std::chrono::milliseconds tcp_write_timeout{5'000};          // for a response that the client does not read
};

}  // namespace meshdns
