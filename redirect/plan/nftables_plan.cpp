#include "redirect/plan/nftables_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "redirect/plan/mesh_chains.hpp"

namespace meshdns::redirect {
namespace {

// Before conntrack looks at the packet: the zone must be known when the connection is looked up.
constexpr int kZonePriority = -300;

// After conntrack has looked, before NAT.
constexpr int kInvalidPriority = -150;

// Before -100, where Docker's DNAT for 127.0.0.11 and every iptables nat rule stand: there the chain that was
// installed last would win.
constexpr int kFirstPriority = -110;

// After them: a connection that another NAT rule takes is left to it, as if our rule were appended.
constexpr int kLastPriority = -90;

const ChainNames kNames{.inbound = "mesh_inbound",
                        .outbound = "mesh_outbound",
                        .inbound_redirect = "inbound_redirect",
                        .outbound_redirect = "outbound_redirect"};

void append(std::vector<Rule>& rules, std::vector<Rule> more) {
  std::ranges::move(more, std::back_inserter(rules));
}

Rule new_tcp_to(const std::string& chain, const std::string& comment) {
  return {.matches = {OfProtocol{}, OpensConnection{}}, .action = JumpTo{chain}, .comment = comment};
}

class Planner {
 public:
  explicit Planner(const RedirectSpec& spec) : spec_(spec), families_{Family::Ipv4} {
    if (spec.ipv6) {
      families_.push_back(Family::Ipv6);
    }
    dns_ = spec.dns.enabled && (spec.dns.all_traffic || has_resolver());
  }

  Plan plan() {
    warn_of_families_without_resolvers();
    if (dns_ && spec_.dns.split_zones) {
      add({.name = "dns_zone", .hook = Hook::Output, .priority = kZonePriority, .rules = zone_rules()});
    }
    if (spec_.drop_invalid) {
      add({.name = "drop_invalid",
           .hook = Hook::Prerouting,
           .priority = kInvalidPriority,
           .rules = {{.matches = {IsInvalid{}},
                      .action = Drop{},
                      .comment = "invalid packets would pass by the redirect",
                      .counted = true}}});
    }
    add_prerouting();
    add_output();
    add_mesh_chains();
    return std::move(plan_);
  }

 private:
  bool has_resolver() const {
    return std::ranges::any_of(
        families_, [&](Family family) { return !of_family(spec_.dns.resolvers, family).empty(); });
  }

  void warn_of_families_without_resolvers() {
    if (!spec_.dns.enabled || spec_.dns.all_traffic) {
      return;
    }
    for (const Family family : families_) {
      if (of_family(spec_.dns.resolvers, family).empty()) {
        plan_.warnings.push_back(
            fmt::format("there is no {0} resolver: DNS over {0} is left alone", word(family)));
      }
    }
  }

  // A base chain, or a chain that others jump to, if there is something in it.
  void add(Chain chain) {
    if (chain.rules.empty()) {
      return;
    }
    if (chain.hook != Hook::None && !spec_.ipv6) {
      chain.rules.insert(chain.rules.begin(), {.matches = {OfFamily{Family::Ipv6}},
                                               .action = Return{},
                                               .comment = fmt::format("{}: IPv6 stays alone", chain.name)});
    }
    // A comment names its rule: a rule that stands in two chains gets the chain's name in front.
    if (chain.name == "dns_zone" || chain.name == "outbound") {
      for (Rule& rule : chain.rules) {
        if (std::holds_alternative<Return>(rule.action) && !rule.comment.starts_with(chain.name)) {
          rule.comment = fmt::format("{}: {}", chain.name, rule.comment);
        }
      }
    }
    plan_.tables[0].chains.push_back(std::move(chain));
  }

  // The destinations of DNS that is redirected, as matches, one set for each rule that is needed.
  struct Scope {
    std::string family;  // for comments
    std::vector<Match> matches;
  };

  std::vector<Scope> scopes() const {
    if (spec_.dns.all_traffic) {
      return {{spec_.ipv6 ? "IPv4 and IPv6" : "IPv4", {}}};
    }
    std::vector<Scope> found;
    for (const Family family : families_) {
      if (std::vector<IpNetwork> servers = of_family(spec_.dns.resolvers, family); !servers.empty()) {
        found.push_back({std::string(word(family)), {GoesTo{std::move(servers)}}});
      }
    }
    return found;
  }

  Rule dns_rule(const Scope& scope, Protocol protocol, Action action, std::string_view what) const {
    std::vector<Match> matches = scope.matches;
    matches.insert(matches.end(), {OfProtocol{protocol}, to_port(kDnsPort)});
    // A TCP connection is redirected as a whole by its first packet; one that is under way is left to finish.
    if (protocol == Protocol::Tcp) {
      matches.push_back(OpensConnection{});
    }
    matches.push_back(owned_by(spec_.exempt_uid, true));
    return {
        .matches = std::move(matches),
        .action = std::move(action),
        .comment = fmt::format("{} {}: {}", scope.family, protocol == Protocol::Udp ? "udp" : "tcp", what),
        .counted = true};
  }

  // UDP only. TCP connections of two users never share their addresses and ports, and the owner of a packet
  // is unknown once the socket is closed: the last packets of a connection would fall out of its zone.
  std::vector<Rule> zone_rules() const {
    std::vector<Rule> rules = exclusion_rules(spec_, families_);
    std::erase_if(rules, [](const Rule& rule) {
      const auto* of = std::get_if<OfProtocol>(&rule.matches[0]);
      return of != nullptr && of->protocol == Protocol::Tcp;
    });
    for (const Scope& scope : scopes()) {
      rules.push_back(dns_rule(scope, Protocol::Udp, UseZone{kRedirectedZone, true}, "own conntrack zone"));
    }
    return rules;
  }

  std::vector<Rule> dns_rules() const {
    std::vector<Rule> rules;
    const bool tcp = spec_.dns.tcp && std::ranges::find(spec_.outbound.exclude_ports, kDnsPort) ==
                                          spec_.outbound.exclude_ports.end();
    for (const Scope& scope : scopes()) {
      rules.push_back(dns_rule(scope, Protocol::Udp, RedirectTo{spec_.dns.port}, "to meshdns"));
      if (tcp) {
        rules.push_back(dns_rule(scope, Protocol::Tcp, RedirectTo{spec_.dns.port}, "to meshdns"));
      }
    }
    return rules;
  }

  void add_prerouting() {
    std::vector<Rule> rules;
    if (spec_.log_level) {
      rules.push_back({.action = Log{"PREROUTING:", *spec_.log_level}, .comment = "what comes in, logged"});
    }
    std::vector<Rule> networks = virtual_network_rules(spec_, families_);
    const bool first = !networks.empty() || spec_.inbound.insert_first;
    append(rules, std::move(networks));
    if (spec_.inbound.enabled) {
      rules.push_back(new_tcp_to(kNames.inbound, "what comes in"));
    }
    add({.name = "inbound",
         .hook = Hook::Prerouting,
         .is_nat = true,
         .priority = first ? kFirstPriority : kLastPriority,
         .rules = std::move(rules)});
  }

  void add_output() {
    std::vector<Rule> rules;
    const std::vector<Rule> exclusions = exclusion_rules(spec_, families_);
    if (spec_.log_level) {
      rules.push_back({.action = Log{"OUTPUT:", *spec_.log_level}, .comment = "what leaves, logged"});
    }
    append(rules, exclusions);
    if (dns_) {
      append(rules, dns_rules());
    }
    std::vector<Rule> jump;
    if (spec_.outbound.enabled) {
      // Everyone's DNS over TCP that is not redirected goes to the real resolver, not to Envoy.
      if (dns_ && !spec_.dns.tcp) {
        jump.push_back({.matches = {OfProtocol{}, to_port(kDnsPort), owned_by(spec_.exempt_uid, true)},
                        .action = Return{},
                        .comment = "DNS of applications over TCP stays alone"});
      }
      jump.push_back(new_tcp_to(kNames.outbound, "what leaves"));
    }
    if (spec_.outbound.insert_first) {
      append(rules, std::move(jump));
    }
    // Exclusions alone are no reason for a chain.
    if (dns_ || spec_.log_level || spec_.outbound.insert_first) {
      add({.name = "dns_redirect",
           .hook = Hook::Output,
           .is_nat = true,
           .priority = kFirstPriority,
           .rules = std::move(rules)});
    }
    if (!jump.empty()) {
      std::vector<Rule> last = exclusions;
      append(last, std::move(jump));
      add({.name = "outbound",
           .hook = Hook::Output,
           .is_nat = true,
           .priority = kLastPriority,
           .rules = std::move(last)});
    }
  }

  void add_mesh_chains() {
    const bool inbound = spec_.inbound.enabled;
    const bool outbound = spec_.outbound.enabled;
    if (inbound) {
      add({.name = kNames.inbound, .rules = inbound_rules(spec_, kNames, families_)});
    }
    if (outbound) {
      add({.name = kNames.outbound, .rules = outbound_rules(spec_, kNames, families_, dns_, {})});
    }
    if (inbound || outbound) {
      add(redirect_chain(kNames.inbound_redirect, spec_.inbound));
    }
    if (outbound) {
      add(redirect_chain(kNames.outbound_redirect, spec_.outbound));
    }
  }

  const RedirectSpec& spec_;
  std::vector<Family> families_;
  bool dns_ = false;
  Plan plan_{.tables = {{"inet meshdns", {}}}, .warnings = {}};
};

}  // namespace

Result<Plan> nftables_plan(const RedirectSpec& spec) {
  Plan planned = Planner(spec).plan();
  if (planned.tables[0].chains.empty()) {
    return fail(Errc::InvalidConfig,
                spec.dns.enabled
                    ? "there is no resolver to redirect from; with --redirect-all-dns-traffic every "
                      "packet to port 53 is redirected"
                    : "inbound, outbound and DNS redirection are all off: nothing to install");
  }
  return planned;
}

}  // namespace meshdns::redirect
