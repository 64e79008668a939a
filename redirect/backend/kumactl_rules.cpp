#include "redirect/backend/kumactl_rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

using Rules = std::vector<IptablesRule>;
using Values = std::vector<std::string>;

// The values that the rule has in place of each `?` of `shape`, if these are all of its options.
std::optional<Values> values(const IptablesRule& rule, std::initializer_list<std::string_view> shape) {
  if (shape.size() != rule.options.size()) {
    return std::nullopt;
  }
  Values found;
  for (std::string_view wanted : shape) {
    const bool is_open = wanted.ends_with('?');
    wanted.remove_suffix(is_open ? 1 : 0);
    const auto option = std::ranges::find_if(rule.options, [&](const std::string& text) {
      return is_open ? text.starts_with(wanted) : text == wanted;
    });
    if (option == rule.options.end()) {
      return std::nullopt;
    }
    if (is_open) {
      found.push_back(option->substr(wanted.size()));
    }
  }
  return found;
}

bool has_shape(const IptablesRule& rule, std::initializer_list<std::string_view> shape) {
  return values(rule, shape).has_value();
}

// Rules of one chain without a comment; others keep their numbers.
Rules of_chain(const IptablesRules& saved, std::string_view table, std::string_view chain) {
  Rules found;
  for (const IptablesRule& rule : saved.rules) {
    if (rule.table == table && rule.chain == chain && rule.comment.empty()) {
      found.push_back(rule);
    }
  }
  return found;
}

bool are_neighbours(const IptablesRule& above, const IptablesRule& below) {
  return above.number + 1 == below.number;
}

struct DnsRedirect {
  std::string server;  // empty: every one
  std::string port;
};

std::optional<DnsRedirect> dns_redirect(const IptablesRule& rule) {
  if (const auto all = values(rule, {"-p udp", "--dport 53", "-j REDIRECT", "--to-ports ?"})) {
    return DnsRedirect{"", (*all)[0]};
  }
  if (const auto one = values(rule, {"-d ?", "-p udp", "--dport 53", "-j REDIRECT", "--to-ports ?"})) {
    return DnsRedirect{(*one)[0], (*one)[1]};
  }
  return std::nullopt;
}

// The user whose queries are spared.
std::optional<std::string> spared_by(const IptablesRule& rule) {
  for (const char* target : {"-j RETURN", "-j DOCKER_OUTPUT"}) {
    if (const auto user = values(rule, {"-p udp", "--dport 53", "--uid-owner ?", target})) {
      return (*user)[0];
    }
  }
  return std::nullopt;
}

bool is_user_exclusion(const IptablesRule& rule) {
  return rule.spec.contains("-m multiport ") &&
         (has_shape(rule, {"-p tcp", "--dport ?", "--uid-owner ?", "-j RETURN"}) ||
          has_shape(rule, {"-p udp", "--dport ?", "--uid-owner ?", "-j RETURN"}));
}

// As kumactl says it; who writes rules by hand leaves the ports out.
bool has_every_port(const IptablesRule& rule) {
  return rule.canonical.contains("--dport 1:65535 ");
}

bool is_address_exclusion(const IptablesRule& rule) {
  return has_shape(rule, {"-d ?", "-j RETURN"});
}

// The level of a rule that logs under this name; iptables-save leaves the usual one out.
std::optional<std::string> log_level(const IptablesRule& rule, std::string_view name) {
  const std::string prefix = fmt::format("--log-prefix {}:", name);
  if (const auto level = values(rule, {"-j LOG", prefix, "--log-level ?"})) {
    return (*level)[0];
  }
  return has_shape(rule, {"-j LOG", prefix}) ? std::optional<std::string>("") : std::nullopt;
}

}  // namespace

KumactlRules::KumactlRules(const IptablesRules& saved, std::string_view chain_prefix) {
  const Rules output = of_chain(saved, "nat", "OUTPUT");
  const Rules prerouting = of_chain(saved, "nat", "PREROUTING");
  learn(saved, chain_prefix);
  find_dns(output);
  find_logs(prerouting, output);
  find_exclusions(output);
  find_virtual_networks(prerouting);
  for (const char* chain : {"PREROUTING", "OUTPUT"}) {
    std::ranges::for_each(of_chain(saved, "raw", chain), [&](const auto& rule) { find_zones(rule); });
  }
  // The best known of all rules for firewalls: it is nobody's in particular.
  for (const IptablesRule& rule : of_chain(saved, "mangle", "PREROUTING")) {
    if (has_shape(rule, {"--ctstate INVALID", "-j DROP"})) {
      unclear_.insert(place(rule));
    }
  }
}

// From kumactl's own chains.
void KumactlRules::learn(const IptablesRules& saved, std::string_view chain_prefix) {
  for (const IptablesRule& rule : of_chain(saved, "nat", fmt::format("{}OUTBOUND", chain_prefix))) {
    if (const auto user = values(rule, {"--uid-owner ?", "-j RETURN"})) {
      users_.insert((*user)[0]);
    }
  }
  for (const IptablesRule& rule : of_chain(saved, "nat", fmt::format("{}OUTBOUND_REDIRECT", chain_prefix))) {
    if (const auto port = values(rule, {"-p tcp", "-j REDIRECT", "--to-ports ?"})) {
      outbound_ports_.insert((*port)[0]);
    }
  }
}

// What is redirected, all to one port, follows at once upon who is spared.
void KumactlRules::find_dns(const Rules& output) {
  for (auto rule = output.begin(); rule != output.end(); ++rule) {
    if (const auto user = spared_by(*rule); user && users_.contains(*user)) {
      sure_.insert(place(*rule));
      std::string port;
      for (auto next = rule + 1; next != output.end() && are_neighbours(*(next - 1), *next); ++next) {
        const auto redirect = dns_redirect(*next);
        if (!redirect || (!port.empty() && redirect->port != port)) {
          break;
        }
        port = redirect->port;
        sure_.insert(place(*next));
        servers_.insert(redirect->server);
      }
      dns_ports_.insert(port);
    }
    const auto user = values(*rule, {"-p tcp", "--dport 53", "! --uid-owner ?", "-j RETURN"});
    if (user && users_.contains((*user)[0])) {
      sure_.insert(place(*rule));
    }
  }
  for (const IptablesRule& rule : output) {
    const auto redirect = dns_redirect(rule);
    if (redirect && dns_ports_.contains(redirect->port) && !contain(rule)) {
      unclear_.insert(place(rule));
    }
  }
}

// There are two, of one level.
void KumactlRules::find_logs(const Rules& prerouting, const Rules& output) {
  for (const IptablesRule& in : prerouting) {
    for (const IptablesRule& out : output) {
      const auto level = log_level(in, "PREROUTING");
      if (level && level == log_level(out, "OUTPUT")) {
        sure_.insert({place(in), place(out)});
      }
    }
  }
}

// They stand in one piece between the rule that logs and those for DNS, users before addresses. Both
// neighbours may be missing, and others may have put theirs on top, or below where there is no DNS.
void KumactlRules::find_exclusions(const Rules& output) {
  const auto is_exclusion = [](const IptablesRule& rule) {
    return is_user_exclusion(rule) || is_address_exclusion(rule);
  };
  for (auto first = output.begin(); first != output.end(); ++first) {
    if (!is_exclusion(*first)) {
      continue;
    }
    auto end = first + 1;
    while (end != output.end() && is_exclusion(*end) && are_neighbours(*(end - 1), *end)) {
      ++end;
    }
    const bool logs = first != output.begin() && are_neighbours(*(first - 1), *first) &&
                      contain(*(first - 1)) && log_level(*(first - 1), "OUTPUT");
    const bool leads_to_dns =
        end != output.end() && are_neighbours(*(end - 1), *end) && contain(*end) && spared_by(*end);
    if (leads_to_dns || logs || first->number == 1) {
      bool is_inside = logs;
      for (auto rule = first; rule != end; ++rule) {
        is_inside = is_inside || is_user_exclusion(*rule);
        const bool is_sure = leads_to_dns ? is_inside : is_user_exclusion(*rule) && has_every_port(*rule);
        (is_sure ? sure_ : unclear_).insert(place(*rule));
      }
    }
    first = end - 1;
  }
}

// Two rules for each: DNS to the proxy, and what leaves the network to Envoy.
void KumactlRules::find_virtual_networks(const Rules& prerouting) {
  for (std::size_t i = 1; i < prerouting.size(); ++i) {
    const auto dns =
        values(prerouting[i - 1], {"-i ?", "-p udp", "--dport 53", "-j REDIRECT", "--to-ports ?"});
    const auto tcp = values(prerouting[i], {"-i ?", "! -d ?", "-p tcp", "-j REDIRECT", "--to-ports ?"});
    if (dns && tcp && are_neighbours(prerouting[i - 1], prerouting[i]) && (*dns)[0] == (*tcp)[0] &&
        outbound_ports_.contains((*tcp)[2])) {
      sure_.insert({place(prerouting[i - 1]), place(prerouting[i])});
    }
  }
}

// For the users, ports and servers of the rules for DNS.
void KumactlRules::find_zones(const IptablesRule& rule) {
  const auto is_known = [](const std::optional<Values>& found, const std::set<std::string>& known) {
    return found && known.contains((*found)[0]);
  };
  bool is_sure = false;
  if (rule.chain == "PREROUTING") {
    // Releases before 2.8 name the server as the destination.
    is_sure = is_known(values(rule, {"-s ?", "-p udp", "--sport 53", "-j CT", "--zone 1"}), servers_) ||
              is_known(values(rule, {"-d ?", "-p udp", "--sport 53", "-j CT", "--zone 1"}), servers_) ||
              (has_shape(rule, {"-p udp", "--sport 53", "-j CT", "--zone 1"}) && servers_.contains(""));
  } else {
    const auto reply = values(rule, {"--uid-owner ?", "--sport ?", "-p udp", "-j CT", "--zone 2"});
    const auto local = values(rule, {"-s ?", "-d ?", "-p udp", "-j CT", "--zone 1"});
    is_sure =
        is_known(values(rule, {"--uid-owner ?", "-p udp", "--dport 53", "-j CT", "--zone 1"}), users_) ||
        (is_known(reply, users_) && dns_ports_.contains((*reply)[1])) ||
        is_known(values(rule, {"-d ?", "-p udp", "--dport 53", "-j CT", "--zone 2"}), servers_) ||
        (has_shape(rule, {"-p udp", "--dport 53", "-j CT", "--zone 2"}) && servers_.contains("")) ||
        (is_known(local, servers_) && ((*local)[1] == "127.0.0.1/32" || (*local)[1] == "::1/128"));
  }
  if (is_sure) {
    sure_.insert(place(rule));
  }
}

}  // namespace meshdns::redirect
