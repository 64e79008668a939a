// The rules for the mesh's own traffic, which are the same in both backends: what comes in goes to Envoy's
// inbound port, what leaves goes to its outbound port, and what Envoy itself sends is left alone.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

// The names of the four chains: Kuma's in iptables, plain ones in a table of our own.
struct ChainNames {
  std::string inbound;
  std::string outbound;
  std::string inbound_redirect;
  std::string outbound_redirect;
};

// Shorthands for matches.
Match to_port(std::uint16_t port, bool negated = false);
Match owned_by(std::uint32_t uid, bool negated = false);
std::string_view word(Family family);

// Those of the family, each once.
std::vector<IpNetwork> of_family(const std::vector<IpNetwork>& networks, Family family);
std::vector<IpNetwork> of_family(const std::vector<IpAddress>& addresses, Family family);

// A rule that depends on addresses is made once for each of `families`.
std::vector<Rule> inbound_rules(const RedirectSpec& spec, const ChainNames& names,
                                std::span<const Family> families);

// `dns` stands where Kuma redirects DNS over TCP: behind what the spared user sends, before everything else.
std::vector<Rule> outbound_rules(const RedirectSpec& spec, const ChainNames& names,
                                 std::span<const Family> families, bool spares_dns_on_loopback,
                                 const std::vector<Rule>& dns);

// To Envoy.
Chain redirect_chain(const std::string& name, const RedirectSpec::Direction& direction);

// Users and destinations that are left alone, DNS included.
std::vector<Rule> exclusion_rules(const RedirectSpec& spec, std::span<const Family> families);

// What virtual machines and containers behind this host send.
std::vector<Rule> virtual_network_rules(const RedirectSpec& spec, std::span<const Family> families);

}  // namespace meshdns::redirect
