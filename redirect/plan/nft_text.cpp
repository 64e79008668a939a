#include "redirect/plan/nft_text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::redirect {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::string one_or_set(const std::vector<std::string>& texts) {
  return texts.size() == 1 ? texts[0] : fmt::format("{{ {} }}", fmt::join(texts, ", "));
}

std::string addresses(const std::vector<IpNetwork>& networks, std::string_view field, bool negated) {
  std::vector<std::string> texts;
  texts.reserve(networks.size());
  for (const IpNetwork& network : networks) {
    texts.push_back(network.to_string());
  }
  return fmt::format("{} {} {}{}", networks.at(0).address.is_v6 ? "ip6" : "ip", field, negated ? "!= " : "",
                     one_or_set(texts));
}

std::string interface(std::string_view field, std::string name) {
  if (name.ends_with('+')) {
    name.back() = '*';
  }
  return fmt::format("{} \"{}\"", field, name);
}

template <class Range>
std::string range_text(const Range& range) {
  return range.first == range.last ? fmt::format("{}", range.first)
                                   : fmt::format("{}-{}", range.first, range.last);
}

std::string ports(const ToPorts& match, std::string_view protocol) {
  std::vector<std::string> texts;
  texts.reserve(match.ports.size());
  for (const PortRange& range : match.ports) {
    texts.push_back(range_text(range));
  }
  return fmt::format("{} dport {}{}", protocol, match.negated ? "!= " : "", one_or_set(texts));
}

// `tcp` or `udp` where the rule names one.
std::string_view protocol_of(const Rule& rule) {
  for (const Match& match : rule.matches) {
    if (const auto* of = std::get_if<OfProtocol>(&match)) {
      return of->protocol == Protocol::Udp ? "udp" : "tcp";
    }
  }
  return "th";
}

bool names_port(const Rule& rule) {
  return std::ranges::any_of(rule.matches, [](const Match& match) {
    return std::holds_alternative<ToPorts>(match) || std::holds_alternative<OpensConnection>(match);
  });
}

std::string match_text(const Match& match, const Rule& rule) {
  return std::visit(
      Overloaded{
          [](const OfFamily& of) -> std::string {
            return of.family == Family::Ipv6 ? "meta nfproto ipv6" : "meta nfproto ipv4";
          },
          // Said by the port or the flags already.
          [&](const OfProtocol&) {
            return names_port(rule) ? "" : fmt::format("meta l4proto {}", protocol_of(rule));
          },
          [](const EntersBy& by) { return interface("iifname", by.interface); },
          [](const LeavesBy& by) { return interface("oifname", by.interface); },
          [](const ComesFrom& from) { return addresses(from.networks, "saddr", false); },
          [](const GoesTo& to) { return addresses(to.networks, "daddr", to.negated); },
          [&](const FromPort& from) { return fmt::format("{} sport {}", protocol_of(rule), from.port); },
          [&](const ToPorts& to) { return ports(to, protocol_of(rule)); },
          [](const OwnedBy& by) {
            return fmt::format("meta skuid {}{}", by.negated ? "!= " : "", range_text(by.uids));
          },
          [](const IsInvalid&) -> std::string { return "ct state invalid"; },
          [](const OpensConnection&) -> std::string { return "tcp flags & (fin | syn | rst | ack) == syn"; },
      },
      match);
}

// syslog(2)
constexpr const char* kLevels[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};

std::string action_text(const Action& action) {
  return std::visit(Overloaded{
                        [](const Return&) -> std::string { return "return"; },
                        [](const JumpTo& to) { return fmt::format("jump {}", to.chain); },
                        [](const RedirectTo& to) { return fmt::format("redirect to :{}", to.port); },
                        [](const UseZone& use) {
                          return fmt::format("ct {}zone set {}", use.original_only ? "original " : "",
                                             use.zone);
                        },
                        [](const Drop&) -> std::string { return "drop"; },
                        [](const Log& log) {
                          return fmt::format("log prefix \"{}\" level {}", log.prefix,
                                             kLevels[std::min<int>(log.level, 7)]);
                        },
                    },
                    action);
}

std::string chain_text(const Chain& chain) {
  std::string text = fmt::format("  chain {} {{\n", chain.name);
  if (chain.hook != Hook::None) {
    text += fmt::format("    type {} hook {} priority {}; policy accept;\n", chain.is_nat ? "nat" : "filter",
                        chain.hook == Hook::Output ? "output" : "prerouting", chain.priority);
  }
  for (const Rule& rule : chain.rules) {
    text += fmt::format("    {}\n", nft_rule(rule));
  }
  return text + "  }\n";
}

}  // namespace

std::string nft_rule(const Rule& rule) {
  std::string text;
  for (const Match& match : rule.matches) {
    if (const std::string part = match_text(match, rule); !part.empty()) {
      text += part + ' ';
    }
  }
  return fmt::format("{}{}{} comment \"{}\"", text, rule.counted ? "counter " : "", action_text(rule.action),
                     rule.comment);
}

std::string nft_install_text(const Plan& plan) {
  std::string text = nft_uninstall_text();
  for (const Table& table : plan.tables) {
    text += fmt::format("table {} {{\n", table.name);
    for (const Chain& chain : table.chains) {
      text += chain_text(chain);
    }
    text += "}\n";
  }
  return text;
}

// nft 1.0.6 has no `destroy table`; naming the table first creates it, so that deleting it cannot fail.
std::string nft_uninstall_text() {
  return fmt::format("table {0}\ndelete table {0}\n", kTable);
}

}  // namespace meshdns::redirect
