#include "redirect/backend/ownership.hpp"

#include <algorithm>

#include "redirect/plan/iptables_plan.hpp"
#include "redirect/plan/iptables_text.hpp"

namespace meshdns::redirect {
namespace {

bool has_our_mark(const IptablesRule& rule) {
  return rule.comment.starts_with(std::string(kKumaCommentPrefix) + std::string(kCommentMark));
}

bool has_comment_of_kumactl(const IptablesRule& rule) {
  return rule.comment.starts_with(kKumaCommentPrefix) && !has_our_mark(rule);
}

bool has_option(const IptablesRule& rule, std::string_view option) {
  return rule.canonical.contains(option);
}

// Rules of kumactl that had no comment and stand in a chain of everybody: those for DNS. They are known by
// what they do to port 53 and to zones 1 and 2; nothing else is taken for kumactl's.
bool has_shape_of_kumactl(const IptablesRule& rule) {
  if (!has_option(rule, "-p udp")) {
    return false;
  }
  if (rule.table == "raw") {
    return rule.target.starts_with("CT") && (has_option(rule, "--zone 1") || has_option(rule, "--zone 2"));
  }
  return rule.table == "nat" && rule.chain == "OUTPUT" && has_option(rule, "--dport 53") &&
         (rule.target.starts_with("REDIRECT") || has_option(rule, "--uid-owner"));
}

}  // namespace

Ownership::Ownership(const IptablesRules& saved, const IptablesRules& recorded) : recorded_(recorded) {
  const auto is_kumas = [](const IptablesRules::Chain& chain) {
    return chain.name.starts_with(kKumaChainPrefix);
  };
  if (std::ranges::any_of(saved.chains, is_kumas)) {
    const bool is_ours = std::ranges::any_of(saved.rules, has_our_mark) ||
                         (std::ranges::any_of(recorded.chains, is_kumas) &&
                          std::ranges::none_of(saved.rules, has_comment_of_kumactl));
    of_kuma_chains_ = is_ours ? Owner::Meshdns : Owner::Kumactl;
  }
}

Owner Ownership::of_chain(std::string_view name) const {
  return name.starts_with(kKumaChainPrefix) ? of_kuma_chains_ : Owner::Others;
}

Owner Ownership::of(const IptablesRule& rule) const {
  if (has_our_mark(rule)) {
    return Owner::Meshdns;
  }
  if (has_comment_of_kumactl(rule)) {
    return Owner::Kumactl;
  }
  for (const std::string& chain : {rule.chain, rule.target}) {
    if (chain.starts_with(kKumaChainPrefix)) {
      return of_kuma_chains_;
    }
  }
  if (!rule.comment.empty()) {
    return Owner::Others;
  }
  if (std::ranges::any_of(recorded_.rules, [&](const IptablesRule& ours) { return ours.is(rule); })) {
    return Owner::Meshdns;
  }
  return of_kuma_chains_ == Owner::Kumactl && has_shape_of_kumactl(rule) ? Owner::Kumactl : Owner::Others;
}

}  // namespace meshdns::redirect
