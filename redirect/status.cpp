#include "redirect/status.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "redirect/backend/iptables_backend.hpp"
#include "redirect/backend/nft_listing.hpp"
#include "redirect/backend/nftables_backend.hpp"
#include "redirect/backend/ownership.hpp"
#include "redirect/firewalld.hpp"
#include "redirect/host/network_facts.hpp"
#include "redirect/host/passthrough_address.hpp"
#include "redirect/host/state_folder.hpp"
#include "redirect/plan/iptables_plan.hpp"
#include "redirect/record.hpp"

namespace meshdns::redirect {
namespace {

using State = RuleState::State;

// The numbers behind each `key` in the rules that are in force.
std::set<std::uint32_t> numbers_behind(const std::vector<RuleState>& rules, std::string_view key) {
  std::set<std::uint32_t> found;
  for (const RuleState& rule : rules) {
    if (const std::size_t at = rule.rule.find(key); at != std::string::npos && rule.state != State::Missing) {
      std::uint32_t number = 0;
      const char* const start = rule.rule.data() + at + key.size();
      if (std::from_chars(start, rule.rule.data() + rule.rule.size(), number).ec == std::errc{}) {
        found.insert(number);
      }
    }
  }
  return found;
}

void compare_nftables(Status& status, const std::string& listing, const std::string& recorded) {
  std::vector<ListedRule> planned = parse_nft_listing(recorded);
  for (const ListedRule& rule : parse_nft_listing(listing)) {
    RuleState state{.place = rule.chain, .rule = rule.text, .packets = rule.packets};
    const auto match = std::ranges::find_if(planned, [&](const ListedRule& other) {
      return other.chain == rule.chain && other.comment == rule.comment;
    });
    if (match == planned.end()) {
      state.state = recorded.empty() ? State::Present : State::Unexpected;
    } else {
      if (match->text != rule.text) {
        state.state = State::Altered;
        state.planned = match->text;
      }
      planned.erase(match);
    }
    status.rules.push_back(std::move(state));
  }
  for (const ListedRule& rule : planned) {
    status.rules.push_back({.state = State::Missing, .place = rule.chain, .rule = rule.text});
  }
}

std::string place_of(const IptablesRule& rule, std::string_view family) {
  return fmt::format("{} {} {}", family, rule.table, rule.chain);
}

// Returns whether rules of ours are in force.
bool compare_iptables(Status& status, const std::string& saved, const std::string& recorded,
                      std::string_view family) {
  const IptablesRules now = parse_iptables(saved);
  const IptablesRules plan = parse_iptables(recorded);
  const Ownership ownership(now, plan);
  std::vector<IptablesRule> planned = plan.rules;
  bool found = false;
  for (const IptablesRule& rule : now.rules) {
    if (ownership.of(rule) != Owner::Meshdns) {
      continue;
    }
    found = true;
    RuleState state{.place = place_of(rule, family), .rule = rule.spec, .packets = rule.packets};
    const auto same =
        std::ranges::find_if(planned, [&](const IptablesRule& other) { return other.is(rule); });
    const auto altered = std::ranges::find_if(planned, [&](const IptablesRule& other) {
      return !rule.comment.empty() && other.comment == rule.comment && other.table == rule.table &&
             other.chain == rule.chain;
    });
    if (same != planned.end()) {
      planned.erase(same);
    } else if (altered != planned.end()) {
      state.state = State::Altered;
      state.planned = altered->spec;
      planned.erase(altered);
    } else if (!recorded.empty()) {
      state.state = State::Unexpected;
    }
    status.rules.push_back(std::move(state));
  }
  for (const IptablesRule& rule : planned) {
    status.rules.push_back({.state = State::Missing, .place = place_of(rule, family), .rule = rule.spec});
  }
  return found;
}

// Docker's own jump, when it stands before our rule for DNS.
void warn_of_docker(Status& status, const std::string& saved) {
  bool is_docker_first = false;
  for (const IptablesRule& rule : parse_iptables(saved).rules) {
    if (rule.table == "nat" && rule.chain == "OUTPUT") {
      if (rule.comment.contains("meshdns: DNS over UDP") && is_docker_first) {
        status.warnings.emplace_back("Docker's rules for its resolver stand before ours: install again");
        return;
      }
      is_docker_first = is_docker_first || rule.target == kDockerChain;
    }
  }
}

void find_targets(Status& status) {
  std::set<std::uint32_t> ports = numbers_behind(status.rules, "redirect to :");
  ports.merge(numbers_behind(status.rules, "--to-ports "));
  for (const std::uint32_t port : ports) {
    status.target_ports.push_back(static_cast<std::uint16_t>(port));
  }
  std::set<std::uint32_t> uids = numbers_behind(status.rules, "meta skuid != ");
  uids.merge(numbers_behind(status.rules, "! --uid-owner "));
  if (!uids.empty()) {
    status.exempt_uid = *uids.begin();
  }
  status.listeners = find_listeners(status.target_ports);
}

void warn_of_listeners(Status& status) {
  for (const std::uint16_t port : status.target_ports) {
    const auto listens = [&](const Listener& listener) { return listener.port == port; };
    if (std::ranges::none_of(status.listeners, listens)) {
      status.warnings.push_back(
          fmt::format("nothing listens on port {}: what is redirected there is refused", port));
    }
  }
  for (const Listener& listener : status.listeners) {
    if (status.exempt_uid && listener.uid != *status.exempt_uid) {
      status.warnings.push_back(fmt::format(
          "{} {}:{} is served by UID {} ({}), but UID {} is spared: what it sends comes back to it",
          listener.protocol, listener.address, listener.port, listener.uid,
          listener.program.empty() ? "unknown program" : listener.program, *status.exempt_uid));
    }
  }
}

// A cache on this host whose own questions are redirected.
void warn_of_local_caches(Status& status) {
  const bool takes_all = std::ranges::any_of(status.rules, [](const RuleState& rule) {
    return rule.rule.starts_with("udp dport 53 ") ||
           rule.rule.contains("-p udp -m udp --dport 53 -j REDIRECT") ||
           (rule.rule.contains("-p udp") && rule.rule.contains("-j REDIRECT") && !rule.rule.contains("-d "));
  });
  constexpr std::uint16_t kDns = 53;
  for (const Listener& listener : takes_all ? find_listeners({kDns}) : std::vector<Listener>{}) {
    if (listener.protocol.starts_with("udp") && status.exempt_uid && listener.uid != *status.exempt_uid) {
      status.warnings.push_back(fmt::format(
          "the local cache {} at {}:53 runs as UID {}, whose questions are redirected: if meshdns asks it, "
          "they come "
          "back",
          listener.program.empty() ? "(unknown program)" : listener.program, listener.address, listener.uid));
    }
  }
}

void warn_of_surroundings(Status& status, const std::string& firewalld_folder, bool ipv6) {
  if (!std::filesystem::exists("/proc/sys/net/netfilter/nf_conntrack_max")) {
    status.warnings.emplace_back("conntrack is missing from this kernel: nothing can be redirected");
  }
  if (is_running("firewalld") && ipv6) {
    if (const auto trap = firewalld_ipv6_trap(firewalld_folder)) {
      status.warnings.push_back(*trap);
    }
  }
}

}  // namespace

std::string_view word(State state) {
  switch (state) {
    case State::Present:
      return "present";
    case State::Missing:
      return "missing";
    case State::Altered:
      return "altered";
    case State::Unexpected:
      break;
  }
  return "unexpected";
}

bool Status::is_as_planned() const {
  return std::ranges::all_of(rules, [](const RuleState& rule) { return rule.state == State::Present; });
}

std::uint64_t Status::captured_dns() const {
  std::uint64_t sum = 0;
  for (const RuleState& rule : rules) {
    const bool is_dns = rule.rule.contains("dport 53");
    const bool redirects = rule.rule.contains("redirect to :") || rule.rule.contains("--to-ports");
    sum += is_dns && redirects ? rule.packets : 0;
  }
  return sum;
}

Result<Status> read_status(const std::string& state_folder,
                           const std::map<std::string, std::string>& executables,
                           const std::string& firewalld_folder) {
  if (!may_change_rules()) {
    return fail(Errc::NotPermitted, "the rules of this host need CAP_NET_ADMIN: run this as root");
  }
  Record record;
  if (const Result<StateFolder> state = StateFolder::open(state_folder)) {
    record = Record::from_text(state->record().value_or(""));
  }
  Status status;
  if (const auto listed = list_nftables(); listed && *listed) {
    status.backend = "nftables";
    compare_nftables(status, **listed, record.nftables);
  }
  bool ipv6 = status.is_installed();
  for (const IptablesPrograms& programs : find_iptables(executables)) {
    const bool is_v6 = programs.family == Family::Ipv6;
    const Result<std::string> saved = save_iptables(programs, true);
    const bool is_meant =
        record.backend.ends_with(programs.mode == IptablesPrograms::Mode::Nft ? "-nft" : "-legacy");
    const std::string recorded = is_meant ? (is_v6 ? record.ipv6 : record.ipv4) : "";
    if (saved && compare_iptables(status, *saved, recorded, is_v6 ? "IPv6" : "IPv4")) {
      status.backend =
          fmt::format("iptables-{}", programs.mode == IptablesPrograms::Mode::Nft ? "nft" : "legacy");
      ipv6 = ipv6 || is_v6;
      warn_of_docker(status, *saved);
    }
    if (saved && has_rules_of_kumactl(programs, recorded).value_or(false)) {
      status.warnings.push_back(fmt::format("{}: rules of kumactl are in force", programs.name()));
    }
  }
  if (!status.is_installed() && !record.backend.empty()) {
    status.warnings.push_back(fmt::format(
        "rules were installed through {} and are gone: install again, or uninstall", record.backend));
    if (status.rules.empty()) {
      compare_nftables(status, "", record.nftables);
    }
  }
  if (!status.is_installed()) {
    return status;
  }
  if (record.backend.empty()) {
    status.warnings.emplace_back("there is no record of the install: what is in force is shown uncompared");
  }
  status.has_passthrough_address = has_passthrough_address();
  find_targets(status);
  warn_of_listeners(status);
  warn_of_local_caches(status);
  warn_of_surroundings(status, firewalld_folder, ipv6);
  return status;
}

}  // namespace meshdns::redirect
