#include "redirect/nft_text.hpp"

#include <vector>

#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

std::string_view word(Protocol protocol) {
  return protocol == Protocol::Udp ? "udp" : "tcp";
}

std::string_view word(Family family) {
  switch (family) {
    case Family::Ipv4:
      return "IPv4";
    case Family::Ipv6:
      return "IPv6";
    case Family::Any:
      break;
  }
  return "IPv4 and IPv6";
}

std::string destination_match(const Rule& rule) {
  if (rule.destinations.empty()) {
    switch (rule.family) {
      case Family::Ipv4:
        return "meta nfproto ipv4 ";
      case Family::Ipv6:
        return "meta nfproto ipv6 ";
      case Family::Any:
        return "";
    }
  }
  std::vector<std::string> addresses;
  addresses.reserve(rule.destinations.size());
  for (const IpAddress& address : rule.destinations) {
    addresses.push_back(address.to_string());
  }
  return fmt::format("{} daddr {{ {} }} ", rule.family == Family::Ipv6 ? "ip6" : "ip",
                     fmt::join(addresses, ", "));
}

// A TCP connection is redirected as a whole by its first packet; one that is under way is left to finish.
std::string_view state_match(const Rule& rule) {
  return rule.action == Action::Redirect && rule.protocol == Protocol::Tcp
             ? "tcp flags & (fin | syn | rst | ack) == syn "
             : "";
}

std::string statement(const Rule& rule) {
  return rule.action == Action::SplitZone ? fmt::format("ct original zone set {}", rule.target)
                                          : fmt::format("redirect to :{}", rule.target);
}

std::string nft_chain(const Chain& chain) {
  std::string text = fmt::format("  chain {} {{\n    type {} hook output priority {}; policy accept;\n",
                                 chain.name, chain.type == ChainType::Nat ? "nat" : "filter", chain.priority);
  for (const Rule& rule : chain.rules) {
    text += fmt::format("    {}\n", nft_rule(rule));
  }
  return text + "  }\n";
}

}  // namespace

std::string nft_comment(const Rule& rule) {
  return rule.action == Action::SplitZone
             ? fmt::format("{} {}: own conntrack zone", word(rule.family), word(rule.protocol))
             : fmt::format("{} {}: to meshdns", word(rule.family), word(rule.protocol));
}

std::string nft_rule(const Rule& rule) {
  return fmt::format("{}{} dport {} {}meta skuid != {} counter {} comment \"{}\"", destination_match(rule),
                     word(rule.protocol), rule.port, state_match(rule), rule.except_uid, statement(rule),
                     nft_comment(rule));
}

std::string nft_install_text(const Plan& plan) {
  std::string text = nft_uninstall_text() + fmt::format("table {} {{\n", kTable);
  for (const Chain& chain : plan.chains) {
    text += nft_chain(chain);
  }
  return text + "}\n";
}

// nft 1.0.6 has no `destroy table`; naming the table first creates it, so that deleting it cannot fail.
std::string nft_uninstall_text() {
  return fmt::format("table {0}\ndelete table {0}\n", kTable);
}

}  // namespace meshdns::redirect
