#include "redirect/plan/iptables_plan.hpp"

#include <array>

#include <fmt/format.h>

#include "redirect/plan/mesh_chains.hpp"

namespace meshdns::redirect {
namespace {

// Conntrack zones: 2 between applications and meshdns, 1 between meshdns and the real resolvers.
constexpr UseZone kOwnLeg{1};
constexpr UseZone kApplicationLeg{2};

const ChainNames kNames{.inbound = "KUMA_MESH_INBOUND",
                        .outbound = "KUMA_MESH_OUTBOUND",
                        .inbound_redirect = "KUMA_MESH_INBOUND_REDIRECT",
                        .outbound_redirect = "KUMA_MESH_OUTBOUND_REDIRECT"};

void at_head(std::vector<Rule>& chain, std::vector<Rule> rules) {
  for (Rule& rule : rules) {
    rule.at_head = true;
    chain.push_back(std::move(rule));
  }
}

class Planner {
 public:
  Planner(const RedirectSpec& spec, const IptablesFacts& facts, Family family)
      : spec_(spec), facts_(facts), families_{family}, resolvers_(of_family(spec.dns.resolvers, family)) {
    dns_ = spec.dns.enabled && (spec.dns.all_traffic || !resolvers_.empty());
    if (spec.dns.enabled && !dns_) {
      plan_.warnings.push_back(
          fmt::format("there is no {0} resolver: DNS over {0} is left alone", word(family)));
    }
  }

  Plan plan() {
    if (splits_zones()) {
      plan_.tables.push_back(raw());
    }
    plan_.tables.push_back(nat());
    if (spec_.drop_invalid) {
      if (facts_.mangle_table && facts_.conntrack) {
        plan_.tables.push_back(mangle());
      } else {
        warn("invalid packets are not dropped: the mangle table or the module conntrack is missing");
      }
    }
    return std::move(plan_);
  }

 private:
  void warn(std::string_view what) {
    plan_.warnings.push_back(fmt::format("{}: {}", word(families_[0]), what));
  }

  bool splits_zones() {
    if (!dns_ || !spec_.dns.split_zones) {
      return false;
    }
    if (!facts_.raw_table || !facts_.conntrack) {
      warn(
          "conntrack zones are not split: the raw table or one of the modules conntrack, udp, owner is "
          "missing");
      return false;
    }
    if (facts_.docker_output && spec_.dns.all_traffic) {
      warn("conntrack zones are not split: Docker's rules for its resolver need a common zone");
      return false;
    }
    return true;
  }

  Table raw() const {
    const std::uint32_t uid = spec_.exempt_uid;
    const auto udp = [](std::vector<Match> matches) {
      matches.insert(matches.begin(), OfProtocol{Protocol::Udp});
      return matches;
    };
    const auto to_server = [](const IpNetwork& server) { return GoesTo{{server}}; };
    std::vector<Rule> prerouting = virtual_network_zones();
    std::vector<Rule> output = {
        {.matches = udp({to_port(kDnsPort), owned_by(uid)}),
         .action = kOwnLeg,
         .comment = "zone 1: queries of meshdns to the resolvers"},
        {.matches = udp({FromPort{spec_.dns.port}, owned_by(uid)}),
         .action = kApplicationLeg,
         .comment = "zone 2: replies of meshdns to applications"},
    };
    const std::string replies = "zone 1: replies of the resolvers";
    const std::string queries = "zone 2: queries of applications";
    if (spec_.dns.all_traffic) {
      prerouting.push_back({.matches = udp({FromPort{kDnsPort}}), .action = kOwnLeg, .comment = replies});
      output.push_back({.matches = udp({to_port(kDnsPort)}), .action = kApplicationLeg, .comment = queries});
    }
    for (const IpNetwork& server : spec_.dns.all_traffic ? std::vector<IpNetwork>{} : resolvers_) {
      prerouting.push_back({.matches = {ComesFrom{{server}}, OfProtocol{Protocol::Udp}, FromPort{kDnsPort}},
                            .action = kOwnLeg,
                            .comment = replies});
      output.push_back({.matches = {to_server(server), OfProtocol{Protocol::Udp}, to_port(kDnsPort)},
                        .action = kApplicationLeg,
                        .comment = queries});
    }
    for (const IpNetwork& server : spec_.dns.all_traffic ? std::vector<IpNetwork>{} : resolvers_) {
      if (server.address.is_loopback()) {
        const char* localhost = families_[0] == Family::Ipv6 ? "::1/128" : "127.0.0.1/32";
        output.push_back({.matches = {ComesFrom{{server}}, GoesTo{{*IpNetwork::parse(localhost)}},
                                      OfProtocol{Protocol::Udp}},
                          .action = kOwnLeg,
                          .comment = "zone 1: replies of a resolver on this host"});
      }
    }
    return {"raw",
            {{.name = "PREROUTING", .hook = Hook::Prerouting, .rules = prerouting},
             {.name = "OUTPUT", .hook = Hook::Output, .rules = output}}};
  }

  // The replies to them are in zone 2. Kuma has no such rules: there, a reply does not find the way back.
  std::vector<Rule> virtual_network_zones() const {
    std::vector<Rule> rules;
    for (const Rule& network : virtual_network_rules(spec_, families_)) {
      if (std::get_if<OfProtocol>(&network.matches[1]) != nullptr) {
        const auto& by = std::get<EntersBy>(network.matches[0]);
        rules.push_back({.matches = {by, OfProtocol{Protocol::Udp}, to_port(kDnsPort)},
                         .action = kApplicationLeg,
                         .comment = fmt::format("zone 2: queries from {}", by.interface)});
      }
    }
    return rules;
  }

  Table nat() const {
    const bool tcp = dns_ && spec_.dns.tcp;
    return {
        "nat",
        {{.name = "PREROUTING", .hook = Hook::Prerouting, .rules = prerouting()},
         {.name = "OUTPUT", .hook = Hook::Output, .rules = output()},
         {.name = kNames.inbound, .rules = inbound_rules(spec_, kNames, families_)},
         {.name = kNames.outbound,
          .rules = outbound_rules(spec_, kNames, families_, tcp, tcp ? dns_over_tcp() : std::vector<Rule>{})},
         redirect_chain(kNames.inbound_redirect, spec_.inbound),
         redirect_chain(kNames.outbound_redirect, spec_.outbound)}};
  }

  static Table mangle() {
    return {"mangle",
            {{.name = "PREROUTING",
              .hook = Hook::Prerouting,
              .rules = {{.matches = {IsInvalid{}},
                         .action = Drop{},
                         .comment = "invalid packets would pass by the redirect"}}}}};
  }

  std::vector<Rule> prerouting() const {
    std::vector<Rule> rules;
    if (spec_.log_level) {
      rules.push_back({.action = Log{"PREROUTING:", *spec_.log_level}, .comment = "what comes in, logged"});
    }
    std::vector<Rule> networks = virtual_network_rules(spec_, families_);
    const bool first = !networks.empty() || spec_.inbound.insert_first;
    at_head(rules, std::move(networks));
    rules.push_back({.matches = {OfProtocol{}},
                     .action = JumpTo{kNames.inbound},
                     .comment = "what comes in",
                     .at_head = first});
    return rules;
  }

  std::vector<Rule> output() const {
    std::vector<Rule> rules;
    if (spec_.log_level) {
      at_head(rules, {{.action = Log{"OUTPUT:", *spec_.log_level}, .comment = "what leaves, logged"}});
    }
    at_head(rules, exclusion_rules(spec_, families_));
    if (dns_) {
      at_head(rules, dns_over_udp());
      if (!spec_.dns.tcp) {
        rules.push_back({.matches = {OfProtocol{}, to_port(kDnsPort), owned_by(spec_.exempt_uid, true)},
                         .action = Return{},
                         .comment = "DNS of applications over TCP stays alone"});
      }
    }
    rules.push_back({.matches = {OfProtocol{}},
                     .action = JumpTo{kNames.outbound},
                     .comment = "what leaves",
                     .at_head = spec_.outbound.insert_first});
    return rules;
  }

  std::vector<Rule> dns_over_udp() const {
    std::vector<Rule> rules = {
        {.matches = {OfProtocol{Protocol::Udp}, to_port(kDnsPort), owned_by(spec_.exempt_uid)},
         .action = facts_.docker_output ? Action(JumpTo{std::string(kDockerChain)}) : Action(Return{}),
         .comment = "queries of meshdns stay alone"}};
    const std::vector<Rule> redirects = to_meshdns(Protocol::Udp);
    rules.insert(rules.end(), redirects.begin(), redirects.end());
    return rules;
  }

  std::vector<Rule> dns_over_tcp() const { return to_meshdns(Protocol::Tcp); }

  std::vector<Rule> to_meshdns(Protocol protocol) const {
    const std::string over = protocol == Protocol::Udp ? "UDP" : "TCP";
    if (spec_.dns.all_traffic) {
      return {{.matches = {OfProtocol{protocol}, to_port(kDnsPort)},
               .action = RedirectTo{spec_.dns.port},
               .comment = fmt::format("DNS over {} to meshdns", over)}};
    }
    std::vector<Rule> rules;
    for (const IpNetwork& server : resolvers_) {
      rules.push_back({.matches = {GoesTo{{server}}, OfProtocol{protocol}, to_port(kDnsPort)},
                       .action = RedirectTo{spec_.dns.port},
                       .comment = fmt::format("DNS over {} for {} to meshdns", over, server.to_string())});
    }
    return rules;
  }

  const RedirectSpec& spec_;
  const IptablesFacts& facts_;
  std::array<Family, 1> families_;
  std::vector<IpNetwork> resolvers_;
  bool dns_ = false;  // this family has DNS to redirect
  Plan plan_;
};

}  // namespace

Result<Plan> iptables_plan(const RedirectSpec& spec, const IptablesFacts& facts, Family family) {
  if (!spec.outbound.exclude_uids.empty() && !facts.multiport) {
    return fail(Errc::Unsupported,
                "--exclude-outbound-ports-for-uids needs the iptables module multiport, which is missing");
  }
  return Planner(spec, facts, family).plan();
}

}  // namespace meshdns::redirect
