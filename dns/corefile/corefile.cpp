#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <meshdns/corefile.hpp>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/fingerprint.hpp"
#include "dns/corefile/text_files.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns {
namespace corefile {
namespace {

// Refuses what two blocks cannot share: the same zone on the same address, or a zone on one address and on
// all.
class OverlapCheck {
 public:
  Result<void> add(const DomainName& zone, std::uint16_t port, const SocketAddress* bound) {
    const std::string address = bound == nullptr ? "" : bound->ip.to_string() + scope_of(*bound);
    const Served served{zone, port, address};
    const bool is_new = served_.insert(served).second;
    if (!is_new) {
      return config_error(fmt::format("cannot serve {} - it is already defined", to_string(served)));
    }
    const auto [other, is_first] = last_on_port_.try_emplace({zone, port}, served);
    const bool one_is_wildcard = std::get<2>(other->second).empty() != address.empty();
    if (!is_first && one_is_wildcard) {
      return config_error(fmt::format("cannot serve {} - zone overlap listener capacity with {}",
                                      to_string(served), to_string(other->second)));
    }
    return {};
  }

 private:
  using Served = std::tuple<DomainName, std::uint16_t, std::string>;

  static std::string scope_of(const SocketAddress& address) {
    return address.scope == 0 ? "" : fmt::format("%{}", address.scope);
  }

  static std::string to_string(const Served& served) {
    const auto& [zone, port, address] = served;
    return fmt::format("dns://{}{}:{}{}{}", zone.is_root() ? "" : zone.to_string(), ".", port,
                       address.empty() ? "" : " on ", address);
  }

  std::set<Served> served_;
  std::map<std::pair<DomainName, std::uint16_t>, Served> last_on_port_;
};

std::vector<SocketAddress> listen_addresses(const BlockDraft& draft, std::uint16_t port) {
  std::vector<SocketAddress> listen = draft.bind;
  if (!draft.bound) {
    SocketAddress any_v6;
    any_v6.ip.is_v6 = true;
    listen = {SocketAddress{}, any_v6};
  }
  for (auto& address : listen) {
    address.port = port;
  }
  return listen;
}

// TCP connections are not those of a block: the most generous one counts.
void widen(const ConnectionLimits& written, ConnectionLimits& all) {
  all.read = std::max(all.read, written.read);
  all.write = std::max(all.write, written.write);
  all.idle = std::max(all.idle, written.idle);
  if (written.max_queries) {
    const bool is_unlimited = *written.max_queries == 0 || all.max_queries == std::size_t{0};
    all.max_queries = is_unlimited ? 0 : std::max(all.max_queries.value_or(0), *written.max_queries);
  }
}

void apply(const ConnectionLimits& limits, ServerOptions& options) {
  options.tcp_first_message_timeout = limits.read.value_or(options.tcp_first_message_timeout);
  options.tcp_write_timeout = limits.write.value_or(options.tcp_write_timeout);
  options.tcp_idle_timeout = limits.idle.value_or(options.tcp_idle_timeout);
  options.tcp_max_queries = limits.max_queries.value_or(options.tcp_max_queries);
}

// It is about the server, whichever block it stands in; several add up.
void add_admin(const AdminOptions& written, ServerOptions& options) {
  if (!options.admin) {
    options.admin = written;
    return;
  }
  for (const SocketAddress& address : written.listen) {
    if (std::ranges::find(options.admin->listen, address) == options.admin->listen.end()) {
      options.admin->listen.push_back(address);
    }
  }
}

// A block whose zones name different ports becomes one BlockOptions per port, in the order of their first
// mention.
Result<void> add_block(const ServerBlock& block, const CorefileDefaults& defaults, OverlapCheck& overlap,
                       ConnectionLimits& connections, Corefile& corefile) {
  auto draft = apply_directives(block);
  if (!draft) {
    return std::unexpected(std::move(draft.error()));
  }
  const auto first = corefile.options.blocks.size();
  for (const auto& word : block.keys) {
    const auto key = parse_zone_key(word);
    if (!key) {
      return std::unexpected(key.error());
    }
    const auto port = key->port.value_or(defaults.dns_port);
    auto& blocks = corefile.options.blocks;
    auto of_port =
        std::find_if(blocks.begin() + static_cast<std::ptrdiff_t>(first), blocks.end(),
                     [port](const BlockOptions& other) { return other.listen.front().port == port; });
    if (of_port == blocks.end()) {
      of_port = blocks.insert(of_port, draft->options);
      of_port->listen = listen_addresses(*draft, port);
    }
    for (const auto& zone : key->zones) {
      of_port->zones.push_back(zone);
      for (const auto& address : draft->bind) {
        if (auto added = overlap.add(zone, port, &address); !added) {
          return added;
        }
      }
      if (!draft->bound) {
        if (auto added = overlap.add(zone, port, nullptr); !added) {
          return added;
        }
      }
    }
  }
  if (!corefile.options.reload) {
    corefile.options.reload = draft->reload;
  }
  if (draft->admin) {
    add_admin(*draft->admin, corefile.options);
  }
  corefile.options.debug |= draft->debug;
  widen(draft->connections, connections);
  corefile.options.workers = std::max(corefile.options.workers, draft->workers);
  corefile.warnings.insert(corefile.warnings.end(), draft->warnings.begin(), draft->warnings.end());
  return {};
}

Result<Corefile> build(std::string_view text, Source source, const CorefileDefaults& defaults) {
  auto parsed = parse(text, std::make_shared<const Source>(std::move(source)));
  if (!parsed) {
    return std::unexpected(std::move(parsed.error()));
  }
  Corefile corefile;
  corefile.options.config_hash = fingerprint(*parsed);
  corefile.warnings = std::move(parsed->warnings);
  OverlapCheck overlap;
  ConnectionLimits connections;
  for (const auto& block : parsed->blocks) {
    if (auto added = add_block(block, defaults, overlap, connections, corefile); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  apply(connections, corefile.options);
  return corefile;
}

}  // namespace
}  // namespace corefile

Result<Corefile> load_corefile(const std::string& path, const CorefileDefaults& defaults) {
  const auto text = corefile::read_text_file(path, corefile::FileKinds::RegularOrPipe);
  if (!text) {
    return std::unexpected(text.error());
  }
  return corefile::build(*text, {path, std::filesystem::path(path).parent_path()}, defaults);
}

Result<Corefile> parse_corefile(std::string_view text, const std::string& file_name,
                                const CorefileDefaults& defaults) {
  return corefile::build(text, {file_name, {}}, defaults);
}

}  // namespace meshdns
