// The rules that kumactl writes without a comment, told from those of everybody else by their shape.
//
// kumactl leaves comments out before release 2.9, with --disable-comments, and where the kernel has no module
// `comment`. Its chains then still have its names; its rules in PREROUTING and OUTPUT say nothing. They are
// looked for only where such chains stand, and must agree with these: the same spared user, the same ports
// and servers, the same neighbours.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "redirect/backend/iptables_rules.hpp"

namespace meshdns::redirect {

class KumactlRules {
 public:
  // `saved`: all rules of a family. `chain_prefix`: of the names of kumactl's chains in it.
  KumactlRules(const IptablesRules& saved, std::string_view chain_prefix);

  // The chains do what kumactl's do: spare a user, redirect to a port.
  bool are_complete() const { return !users_.empty() && !outbound_ports_.empty(); }

  // It is one of them.
  bool contain(const IptablesRule& rule) const { return sure_.contains(place(rule)); }

  // kumactl may have written it, and so may the operator: nothing tells which.
  bool may_contain(const IptablesRule& rule) const { return unclear_.contains(place(rule)); }

 private:
  using Place = std::tuple<std::string, std::string, std::size_t>;
  static Place place(const IptablesRule& rule) { return {rule.table, rule.chain, rule.number}; }

  void learn(const IptablesRules& saved, std::string_view chain_prefix);
  void find_dns(const std::vector<IptablesRule>& output);
  void find_logs(const std::vector<IptablesRule>& prerouting, const std::vector<IptablesRule>& output);
  void find_exclusions(const std::vector<IptablesRule>& output);
  void find_virtual_networks(const std::vector<IptablesRule>& prerouting);
  void find_zones(const IptablesRule& rule);

  std::set<std::string> users_;           // that are spared
  std::set<std::string> dns_ports_;       // where DNS is redirected to
  std::set<std::string> outbound_ports_;  // where Envoy takes what leaves
  std::set<std::string> servers_;         // whose DNS is redirected; empty text: everybody's

  std::set<Place> sure_;
  std::set<Place> unclear_;
};

}  // namespace meshdns::redirect
