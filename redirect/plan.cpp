#include "redirect/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

// Before conntrack looks at the packet: the zone must be known when the connection is looked up.
constexpr int kZonePriority = -300;

// Before -100, where Docker's DNAT for 127.0.0.11 and every iptables nat rule stand: there the chain that was
// installed last would win.
constexpr int kRedirectPriority = -110;

// A destination set to match, or every destination of a family.
struct Scope {
  Family family = Family::Any;
  std::vector<IpAddress> destinations;
};

std::vector<IpAddress> of_family(const std::vector<IpAddress>& addresses, bool is_v6) {
  std::vector<IpAddress> found;
  for (const IpAddress& address : addresses) {
    if (address.is_v6 == is_v6 && std::ranges::find(found, address) == found.end()) {
      found.push_back(address);
    }
  }
  return found;
}

std::vector<Scope> scopes(const RedirectSpec& spec, std::vector<std::string>& warnings) {
  if (spec.all_dns_traffic) {
    return {{spec.ipv6 ? Family::Any : Family::Ipv4, {}}};
  }
  std::vector<Scope> found;
  const auto add = [&](Family family, bool is_v6, const char* word) {
    std::vector<IpAddress> resolvers = of_family(spec.resolvers, is_v6);
    if (resolvers.empty()) {
      warnings.push_back(fmt::format("there is no {0} resolver: DNS over {0} is left alone", word));
    } else {
      found.push_back({family, std::move(resolvers)});
    }
  };
  add(Family::Ipv4, false, "IPv4");
  if (spec.ipv6) {
    add(Family::Ipv6, true, "IPv6");
  }
  return found;
}

}  // namespace

Result<Plan> plan(const RedirectSpec& spec) {
  if (spec.dns_port == 0) {
    return fail(Errc::InvalidConfig, "0 is not a port to redirect to, expected 1 to 65535");
  }
  Plan result;
  const std::vector<Scope> matched = scopes(spec, result.warnings);
  if (matched.empty()) {
    return fail(Errc::InvalidConfig,
                fmt::format("there is no {}resolver to redirect from; with --redirect-all-dns-traffic every "
                            "packet to port 53 is redirected",
                            spec.ipv6 ? "" : "IPv4 "));
  }

  Chain zone{.name = "dns_zone", .type = ChainType::Filter, .priority = kZonePriority, .rules = {}};
  Chain redirect{.name = "dns_redirect", .type = ChainType::Nat, .priority = kRedirectPriority, .rules = {}};
  for (const Scope& scope : matched) {
    Rule rule{.action = Action::SplitZone,
              .family = scope.family,
              .protocol = Protocol::Udp,
              .destinations = scope.destinations,
              .except_uid = spec.exempt_uid,
              .target = kRedirectedZone};
    // UDP only. TCP connections of two users never share their addresses and ports, and the owner of a packet
    // is unknown once the socket is closed: the last packets of a connection would fall out of its zone.
    zone.rules.push_back(rule);
    rule.action = Action::Redirect;
    rule.target = spec.dns_port;
    redirect.rules.push_back(rule);
    rule.protocol = Protocol::Tcp;
    redirect.rules.push_back(std::move(rule));
  }
  result.chains = {std::move(zone), std::move(redirect)};
  return result;
}

}  // namespace meshdns::redirect
