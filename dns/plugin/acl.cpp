#include "dns/plugin/acl.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "dns/plugin/zones.hpp"

namespace meshdns::plugin {
namespace {

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

AclRule::Action Acl::action_for(const wire::QueryView& query, const IpAddress& client) const {
  for (const AclOptions& list : lists_) {
    if (zone_of(list.zones, query.folded_qname()) == nullptr) {
      continue;
    }
    const auto rule = std::ranges::find_if(
        list.rules, [&](const AclRule& candidate) { return fits(candidate, query.qtype, client); });
    if (rule != list.rules.end()) {
      return rule->action;
    }
  }
  return AclRule::Action::Allow;
}

Verdict Acl::answer(const wire::QueryView& query, const Client& client, wire::ResponseWriter& out) const {
  switch (action_for(query, unmapped(client.address.ip))) {
    case AclRule::Action::Allow:
      return {};
    case AclRule::Action::Drop:
      return {.kind = Verdict::Kind::Drop};
    case AclRule::Action::Block:
      out.begin(wire::rcode::Refused, wire::flag::RA);
      out.set_extended_error(wire::extended_error::Blocked);
      break;
    case AclRule::Action::Filter:
      out.begin(wire::rcode::NoError, wire::flag::RA);
      out.set_extended_error(wire::extended_error::Filtered);
      break;
  }
  return {.kind = Verdict::Kind::Answered};
}

}  // namespace meshdns::plugin
