#include "dns/app/start_lines.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace meshdns::app {
namespace {

// RFC 1035 2.3.1: letters, digits and hyphens, no hyphen at either end of a label. Names are lower-case here.
bool has_preferred_syntax(const DomainName& zone) {
  const std::string text = zone.to_string();
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return zone.is_root() || (std::ranges::all_of(text, fits) && !text.starts_with('-') &&
                            !text.ends_with('-') && !text.contains(".-") && !text.contains("-."));
}

// The real address of one that was asked for with port 0: it is the one that nobody asked for by number.
std::optional<SocketAddress> real_address(const SocketAddress& wanted,
                                          const std::vector<SocketAddress>& all_wanted,
                                          const std::vector<SocketAddress>& listening) {
  const auto real = std::ranges::find_if(listening, [&](const SocketAddress& address) {
    return address.ip == wanted.ip && address.scope == wanted.scope &&
           (wanted.port == 0 ? std::ranges::find(all_wanted, address) == all_wanted.end()
                             : address.port == wanted.port);
  });
  return real == listening.end() ? std::nullopt : std::optional(*real);
}

}  // namespace

std::vector<SocketAddress> listen_addresses(const ServerOptions& options) {
  std::vector<SocketAddress> addresses;
  for (const BlockOptions& block : options.blocks) {
    for (const SocketAddress& address : block.listen) {
      if (std::ranges::find(addresses, address) == addresses.end()) {
        addresses.push_back(address);
      }
    }
  }
  return addresses;
}

std::string start_lines(const ServerOptions& options, const std::vector<SocketAddress>& listening) {
  const std::vector<SocketAddress> wanted = listen_addresses(options);
  std::set<std::string> printed;  // both wildcards of one port are one line
  std::string warnings;
  std::string text;
  for (const SocketAddress& address : wanted) {
    const auto real = real_address(address, wanted, listening);
    if (!real) {
      continue;
    }
    std::set<std::string> lines;
    for (const BlockOptions& block : options.blocks) {
      if (std::ranges::find(block.listen, address) == block.listen.end()) {
        continue;
      }
      for (const DomainName& zone : block.zones) {
        const std::string name = zone.is_root() ? "." : zone.to_string() + ".";
        lines.insert(fmt::format("{}:{}{}\n", name, real->port,
                                 real->ip.is_unspecified() ? "" : " on " + real->ip.to_string()));
        if (!has_preferred_syntax(zone) && printed.insert(name).second) {
          warnings += fmt::format("Warning: Domain \"{}\" does not follow RFC1035 preferred syntax\n", name);
        }
      }
    }
    for (const std::string& line : lines) {
      text += printed.insert(line).second ? line : "";
    }
  }
  return warnings + text;
}

}  // namespace meshdns::app
