#include "dns/forward/pool_builder.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "dns/base/unique_fd.hpp"
#include "dns/forward/host_lookup.hpp"
#include "dns/forward/resolv_conf.hpp"
#include "dns/forward/tls_channel.hpp"
#include "dns/forward/token_bucket.hpp"

namespace meshdns::forward {

namespace {

constexpr const char* kSystemResolvConf = "/etc/resolv.conf";

Result<std::string> read_file(const std::string& path) {
  // Far more than fifteen lines; what is longer is no resolv.conf.
  std::string text(64 * 1024, '\0');
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const ssize_t size = fd.is_open() ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (size < 0) {
    return fail(Errc::FileUnreadable, fmt::format("{}: {}, expected a readable resolv.conf file", path,
                                                  std::generic_category().message(errno)));
  }
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string place(const OptionLocation& where) {
  return where.file.empty() ? std::string() : fmt::format("{}:{}: ", where.file, where.line);
}

}  // namespace

Result<Pool> PoolBuilder::build(ForwardOptions options, std::string_view directive,
                                std::string_view for_whom) {
  tls_ = nullptr;
  if (options.max_age.count() != 0 && options.max_age < options.expire) {
    return fail(Errc::InvalidConfig,
                fmt::format("{}{}: max_age ({}ms) must not be less than expire ({}ms)", place(options.where),
                            directive, options.max_age.count(), options.expire.count()));
  }
  Pool pool{.options = std::move(options)};
  for (const UpstreamSource& source : pool.options.to) {
    if (auto added = add(source, pool); !added) {
      return std::unexpected(added.error());
    }
  }
  if (pool.upstreams.empty()) {
    warn(pool.options.where,
         fmt::format("no upstream left for {}: its queries are answered SERVFAIL", for_whom));
  }
  return pool;
}

// `file` says how to ask the servers that it lists.
void PoolBuilder::add_address(const SocketAddress& address, const ResolvConfOptions& file, Pool& pool) {
  const ForwardOptions& options = pool.options;
  if (own_.contain(address)) {
    pool.ourselves.push_back(address);
    warn(options.where,
         fmt::format("upstream {} skipped: this server listens there itself", address.to_string()));
  } else if (can_be_asked(address, options)) {
    pool.upstreams.push_back({.address = address,
                              .over_tcp = options.force_tcp || (file.use_vc && !options.prefer_udp),
                              .trusts_ad = options.trust_ad || file.trust_ad,
                              .source = options.source_address,
                              .mark = options.mark,
                              .expire = options.expire,
                              .max_age = options.max_age,
                              .max_idle = options.max_idle_connections,
                              .bucket = bucket_of(address, options.max_rate)});
  }
}

std::shared_ptr<TokenBucket> PoolBuilder::bucket_of(const SocketAddress& address, const RateLimit& rate) {
  if (rate.per_second == 0) {
    return nullptr;
  }
  const BucketKey key{address, rate.per_second, rate.burst};
  auto& bucket = buckets_[key];
  if (!bucket) {
    const auto known = buckets_before_.find(key);
    bucket = known == buckets_before_.end() ? std::make_shared<TokenBucket>(rate) : known->second;
  }
  return bucket;
}

bool PoolBuilder::can_be_asked(const SocketAddress& address, const ForwardOptions& options) {
  if (options.source_address && options.source_address->is_v6 != address.ip.is_v6) {
    warn(options.where, fmt::format("upstream {} skipped: it cannot be reached from {}", address.to_string(),
                                    options.source_address->to_string()));
    return false;
  }
  return true;
}

Result<void> PoolBuilder::add(const UpstreamSource& source, Pool& pool) {
  if (const auto* address = std::get_if<SocketAddress>(&source)) {
    add_address(*address, {}, pool);
    return {};
  }
  if (const auto* host = std::get_if<UpstreamHost>(&source)) {
    return add_host(*host, pool);
  }
  if (const auto* upstream = std::get_if<TlsUpstream>(&source)) {
    return add_tls(*upstream, pool);
  }
  const auto listed = servers_of(std::get<ResolvConf>(source).path);
  if (!listed) {
    return std::unexpected(listed.error());
  }
  for (const SocketAddress& address : listed->servers) {
    add_address(address, listed->options, pool);
  }
  follow(listed->options, pool);
  return {};
}

// What the directive says itself comes first.
void PoolBuilder::follow(const ResolvConfOptions& file, Pool& pool) {
  ForwardOptions& options = pool.options;
  if (file.rotate && !options.policy) {
    options.policy = ForwardPolicy::RoundRobin;
  }
  if (file.attempts != 0 && !options.max_attempts) {
    pool.max_rounds = file.attempts;
  }
  if (file.timeout.count() != 0) {
    pool.patience = file.timeout;
  }
}

Result<void> PoolBuilder::add_tls(const TlsUpstream& upstream, Pool& pool) {
  const ForwardOptions& options = pool.options;
  if (options.relay_updates) {
    return fail(Errc::InvalidConfig,
                fmt::format("{}forward: relay_updates is for upstreams without TLS, {} is asked over it",
                            place(options.where), upstream.address.to_string()));
  }
  if (!tls_) {
    auto made = make_tls_context(options.tls);
    if (!made) {
      return fail(made.error().code, place(options.where) + made.error().what);
    }
    tls_ = *std::move(made);
  }
  const std::size_t before = pool.upstreams.size();
  add_address(upstream.address, {}, pool);
  if (pool.upstreams.size() > before) {
    pool.upstreams.back().tls = tls_;
    pool.upstreams.back().tls_name =
        upstream.server_name.empty() ? options.tls.server_name : upstream.server_name;
  }
  return {};
}

// Ourselves we do not ask: nobody answers before the plan is made.
Result<void> PoolBuilder::add_host(const UpstreamHost& host, Pool& pool) {
  const ForwardOptions& options = pool.options;
  Addresses resolvers = options.resolvers;
  if (resolvers.empty()) {
    auto listed = servers_of(kSystemResolvConf);
    if (!listed) {
      return std::unexpected(std::move(listed.error()));
    }
    resolvers = std::move(listed->servers);
  }
  std::erase_if(resolvers, [this](const SocketAddress& address) { return own_.contain(address); });
  const auto addresses = look_up_host(host.name, resolvers, options.mark);
  if (!addresses) {
    return fail(Errc::InvalidConfig, fmt::format("{}cannot look up upstream '{}': {}", place(options.where),
                                                 host.name.to_string(), addresses.error().what));
  }
  for (const IpAddress& ip : *addresses) {
    add_address({.ip = ip, .port = host.port}, {}, pool);
  }
  return {};
}

Result<ResolvConfServers> PoolBuilder::servers_of(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  ResolvConfServers listed = parse_resolv_conf(*text, path);
  std::ranges::move(listed.warnings, std::back_inserter(warnings_));
  if (listed.servers.empty()) {
    return fail(Errc::InvalidConfig,
                fmt::format("{}:1:1: no nameservers found, expected a line 'nameserver ADDRESS'", path));
  }
  return listed;
}

void PoolBuilder::warn(const OptionLocation& where, std::string_view text) {
  warnings_.push_back(place(where) + std::string(text));
}

}  // namespace meshdns::forward
