#include "redirect/plan/mesh_chains.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::redirect {
namespace {

constexpr std::string_view kLoopback = "lo";

bool is_of(const IpAddress& address, Family family) {
  return address.is_v6 == (family == Family::Ipv6);
}

IpNetwork localhost(Family family) {
  return *IpNetwork::parse(family == Family::Ipv6 ? "::1/128" : "127.0.0.1/32");
}

// What Envoy sends from when it hands an inbound connection on that it has no listener for.
IpNetwork passthrough_source(Family family) {
  return *IpNetwork::parse(family == Family::Ipv6 ? "::6/128" : "127.0.0.6/32");
}

std::vector<Match> tcp_to(std::uint16_t port) {
  return {OfProtocol{Protocol::Tcp}, to_port(port)};
}

std::string port_text(const PortRange& range) {
  return range.first == range.last ? fmt::format("{}", range.first)
                                   : fmt::format("{}-{}", range.first, range.last);
}

std::string uid_text(const UidRange& uids) {
  return uids.first == uids.last ? fmt::format("UID {}", uids.first)
                                 : fmt::format("UIDs {}-{}", uids.first, uids.last);
}

Rule user_rule(const UidExclusion& exclusion, Protocol protocol) {
  std::vector<std::string> ports;
  for (std::size_t i = 0; i < exclusion.ports.size() && i < 3; ++i) {
    ports.push_back(port_text(exclusion.ports[i]));
  }
  return {.matches = {OfProtocol{protocol, OfProtocol::Module::Multiport}, ToPorts{exclusion.ports},
                      OwnedBy{exclusion.uids}},
          .action = Return{},
          .comment = fmt::format("{} of {} to {}{} stays alone", protocol == Protocol::Udp ? "UDP" : "TCP",
                                 uid_text(exclusion.uids), fmt::join(ports, ", "),
                                 exclusion.ports.size() > ports.size() ? " and more" : "")};
}

}  // namespace

Match to_port(std::uint16_t port, bool negated) {
  return ToPorts{.ports = {{port, port}}, .negated = negated};
}

Match owned_by(std::uint32_t uid, bool negated) {
  return OwnedBy{{uid, uid}, negated};
}

std::string_view word(Family family) {
  return family == Family::Ipv6 ? "IPv6" : "IPv4";
}

std::vector<IpNetwork> of_family(const std::vector<IpNetwork>& networks, Family family) {
  std::vector<IpNetwork> found;
  for (const IpNetwork& network : networks) {
    if (is_of(network.address, family) && std::ranges::find(found, network) == found.end()) {
      found.push_back(network);
    }
  }
  return found;
}

std::vector<IpNetwork> of_family(const std::vector<IpAddress>& addresses, Family family) {
  std::vector<IpNetwork> networks;
  networks.reserve(addresses.size());
  for (const IpAddress& address : addresses) {
    networks.push_back({address, std::nullopt});
  }
  return of_family(networks, family);
}

std::vector<Rule> inbound_rules(const RedirectSpec& spec, const ChainNames& names,
                                std::span<const Family> families) {
  const RedirectSpec::Direction& inbound = spec.inbound;
  if (!inbound.enabled) {
    return {{.matches = {OfProtocol{}}, .action = Return{}, .comment = "inbound traffic stays alone"}};
  }
  std::vector<Rule> rules;
  for (const Family family : families) {
    for (const IpNetwork& sender : of_family(inbound.exclude_networks, family)) {
      rules.push_back({.matches = {ComesFrom{{sender}}},
                       .action = Return{},
                       .comment = fmt::format("what comes from {} stays alone", sender.to_string())});
    }
  }
  for (const std::uint16_t port : inbound.include_ports) {
    rules.push_back({.matches = tcp_to(port),
                     .action = JumpTo{names.inbound_redirect},
                     .comment = fmt::format("inbound port {} to Envoy", port)});
  }
  if (!inbound.include_ports.empty()) {
    return rules;
  }
  for (const std::uint16_t port : inbound.exclude_ports) {
    rules.push_back({.matches = tcp_to(port),
                     .action = Return{},
                     .comment = fmt::format("inbound port {} stays alone", port)});
  }
  rules.push_back({.matches = {OfProtocol{}},
                   .action = JumpTo{names.inbound_redirect},
                   .comment = "inbound traffic to Envoy"});
  return rules;
}

std::vector<Rule> outbound_rules(const RedirectSpec& spec, const ChainNames& names,
                                 std::span<const Family> families, bool spares_dns_on_loopback,
                                 const std::vector<Rule>& dns) {
  const RedirectSpec::Direction& outbound = spec.outbound;
  const std::uint32_t uid = spec.exempt_uid;
  const Rule own{.matches = {owned_by(uid)},
                 .action = Return{},
                 .comment = fmt::format("what UID {} sends stays alone", uid)};
  std::vector<Rule> rules;
  if (!outbound.enabled) {
    if (!dns.empty()) {
      rules.push_back(own);
      rules.insert(rules.end(), dns.begin(), dns.end());
    }
    rules.push_back(
        {.matches = {OfProtocol{}}, .action = Return{}, .comment = "outbound traffic stays alone"});
    return rules;
  }
  if (outbound.include_ports.empty()) {
    for (const std::uint16_t port : outbound.exclude_ports) {
      rules.push_back({.matches = tcp_to(port),
                       .action = Return{},
                       .comment = fmt::format("outbound port {} stays alone", port)});
    }
  }
  for (const Family family : families) {
    const IpNetwork source = passthrough_source(family);
    rules.push_back({.matches = {ComesFrom{{source}}, LeavesBy{std::string(kLoopback)}},
                     .action = Return{},
                     .comment = fmt::format("what Envoy hands on from {} has arrived", source.to_string())});
  }
  std::vector<Match> tcp = {OfProtocol{}};
  if (spares_dns_on_loopback) {
    tcp.push_back(to_port(kDnsPort, true));
  }
  tcp.push_back(LeavesBy{std::string(kLoopback)});
  for (const Family family : families) {
    std::vector<Match> matches = tcp;
    matches.insert(matches.end(), {GoesTo{.networks = {localhost(family)}, .negated = true}, owned_by(uid)});
    rules.push_back({.matches = std::move(matches),
                     .action = JumpTo{names.inbound_redirect},
                     .comment = fmt::format("from Envoy to this host, not {}: as inbound traffic",
                                            localhost(family).to_string())});
  }
  tcp.push_back(owned_by(uid, true));
  rules.push_back({.matches = tcp, .action = Return{}, .comment = "what stays on the host stays alone"});
  rules.push_back(own);
  rules.insert(rules.end(), dns.begin(), dns.end());
  for (const Family family : families) {
    rules.push_back({.matches = {GoesTo{{localhost(family)}}},
                     .action = Return{},
                     .comment = fmt::format("what goes to {} stays alone", localhost(family).to_string())});
  }
  for (const std::uint16_t port : outbound.include_ports) {
    rules.push_back({.matches = tcp_to(port),
                     .action = JumpTo{names.outbound_redirect},
                     .comment = fmt::format("outbound port {} to Envoy", port)});
  }
  if (outbound.include_ports.empty()) {
    rules.push_back(
        {.matches = {}, .action = JumpTo{names.outbound_redirect}, .comment = "outbound traffic to Envoy"});
  }
  return rules;
}

Chain redirect_chain(const std::string& name, const RedirectSpec::Direction& direction) {
  return {.name = name,
          .rules = {{.matches = {OfProtocol{}},
                     .action = RedirectTo{direction.port},
                     .comment = fmt::format("to Envoy at port {}", direction.port)}}};
}

std::vector<Rule> exclusion_rules(const RedirectSpec& spec, std::span<const Family> families) {
  std::vector<Rule> rules;
  for (const UidExclusion& exclusion : spec.outbound.exclude_uids) {
    if (exclusion.tcp) {
      rules.push_back(user_rule(exclusion, Protocol::Tcp));
    }
    if (exclusion.udp) {
      rules.push_back(user_rule(exclusion, Protocol::Udp));
    }
  }
  for (const Family family : families) {
    for (const IpNetwork& destination : of_family(spec.outbound.exclude_networks, family)) {
      rules.push_back({.matches = {GoesTo{{destination}}},
                       .action = Return{},
                       .comment = fmt::format("what goes to {} stays alone", destination.to_string())});
    }
  }
  return rules;
}

std::vector<Rule> virtual_network_rules(const RedirectSpec& spec, std::span<const Family> families) {
  std::vector<Rule> rules;
  for (const Family family : families) {
    // By name; the last network of an interface counts, as with Kuma.
    std::map<std::string, IpNetwork> networks;
    for (const VirtualNetwork& virtual_network : spec.virtual_networks) {
      if (is_of(virtual_network.network.address, family)) {
        networks.insert_or_assign(virtual_network.interface, virtual_network.network);
      }
    }
    for (const auto& [interface, network] : networks) {
      rules.push_back({.matches = {EntersBy{interface}, OfProtocol{Protocol::Udp, OfProtocol::Module::Itself},
                                   to_port(kDnsPort)},
                       .action = RedirectTo{spec.dns.port},
                       .comment = fmt::format("DNS of {} over {} to meshdns", interface, word(family)),
                       .counted = true});
      rules.push_back(
          {.matches = {GoesTo{.networks = {network}, .negated = true}, EntersBy{interface}, OfProtocol{}},
           .action = RedirectTo{spec.outbound.port},
           .comment =
               fmt::format("what leaves {} for outside of {} to Envoy", interface, network.to_string())});
    }
  }
  return rules;
}

}  // namespace meshdns::redirect
