#include "dns/plugin/acl.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "dns/plugin/zones.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::plugin {
namespace {

constexpr std::string_view kAllowed = "acl_allowed_requests";
constexpr std::array<std::string_view, 3> kRefusals{"acl_blocked_requests", "acl_filtered_requests",
                                                    "acl_dropped_requests"};

// Index into kRefusals.
std::size_t refusal_of(AclRule::Action action) {
  return action == AclRule::Action::Block ? 0 : action == AclRule::Action::Filter ? 1 : 2;
}

// A client of a socket that takes both families is seen as the IPv4 client it is.
IpAddress unmapped(const IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!address.is_v6 || !std::ranges::equal(kMapped, std::span(address.octets).first<12>())) {
    return address;
  }
  IpAddress ipv4;
  std::copy_n(&address.octets[12], 4, ipv4.octets.begin());
  return ipv4;
}

bool fits(const AclRule& rule, std::uint16_t type, const IpAddress& client) {
  return (rule.types.empty() || std::ranges::find(rule.types, type) != rule.types.end()) &&
         (rule.nets.empty() ||
          std::ranges::any_of(rule.nets, [&](const IpRange& net) { return net.contains(client); }));
}

}  // namespace

Acl::Acl(const std::vector<AclOptions>& lists, const std::vector<DomainName>& zones) : lists_(lists) {
  for (AclOptions& list : lists_) {
    list.zones = zones_or(list.zones, zones);
  }
}

// Queries that pass are counted first, then for each zone of each list those that do not.
std::vector<Tally> Acl::tallies() const {
  std::vector<Tally> all{{.metric = std::string(kAllowed), .labels = {{"view", ""}}}};
  for (const AclOptions& list : lists_) {
    for (const DomainName& zone : list.zones) {
      for (const std::string_view metric : kRefusals) {
        all.push_back({.metric = std::string(metric),
                       .labels = {{"zone", wire::name_text(zone.wire())}, {"view", ""}}});
      }
    }
  }
  return all;
}

Acl::Ruling Acl::rule_on(const wire::QueryView& query, const IpAddress& client) const {
  std::size_t zones_before = 0;
  for (const AclOptions& list : lists_) {
    const DomainName* zone = zone_of(list.zones, query.folded_qname());
    const auto rule =
        zone == nullptr ? list.rules.end() : std::ranges::find_if(list.rules, [&](const AclRule& candidate) {
          return fits(candidate, query.qtype, client);
        });
    if (rule != list.rules.end()) {
      const std::size_t place = zones_before + static_cast<std::size_t>(zone - list.zones.data());
      return rule->action == AclRule::Action::Allow
                 ? Ruling()
                 : Ruling{rule->action, 1 + place * kRefusals.size() + refusal_of(rule->action)};
    }
    zones_before += list.zones.size();
  }
  return {};
}

Verdict Acl::answer(const wire::QueryView& query, const Client& client, wire::ResponseWriter& out) const {
  const Ruling ruling = rule_on(query, unmapped(client.address.ip));
  switch (ruling.action) {
    case AclRule::Action::Allow:
      return {.tally = ruling.tally};
    case AclRule::Action::Drop:
      return {.kind = Verdict::Kind::Drop, .tally = ruling.tally};
    case AclRule::Action::Block:
      out.begin(wire::rcode::Refused, wire::flag::RA);
      out.set_extended_error(wire::extended_error::Blocked);
      break;
    case AclRule::Action::Filter:
      out.begin(wire::rcode::NoError, wire::flag::RA);
      out.set_extended_error(wire::extended_error::Filtered);
      break;
  }
  return {.kind = Verdict::Kind::Answered, .tally = ruling.tally};
}

}  // namespace meshdns::plugin
