#include "redirect/backend/ownership.hpp"

#include <algorithm>
#include <array>

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

// kumactl's library names its chains so where no prefix is set. The names are common words: only all four of
// them in nat, and nowhere else, are kumactl's.
constexpr std::array<std::string_view, 4> kShortChains = {"MESH_INBOUND", "MESH_OUTBOUND",
                                                          "MESH_INBOUND_REDIRECT", "MESH_OUTBOUND_REDIRECT"};
constexpr std::string_view kShortPrefix = "MESH_";

bool is_short(std::string_view chain) {
  return std::ranges::find(kShortChains, chain) != kShortChains.end();
}

bool has_all_short_chains(const IptablesRules& saved) {
  std::size_t in_nat = 0;
  for (const IptablesRules::Chain& chain : saved.chains) {
    if (is_short(chain.name)) {
      if (chain.table != "nat") {
        return false;
      }
      ++in_nat;
    }
  }
  return in_nat == kShortChains.size();
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
  if (of_kuma_chains_ == Owner::Kumactl) {
    of_kumactl_.emplace_back(saved, kKumaChainPrefix);
  }
  if (has_all_short_chains(saved)) {
    KumactlRules rules(saved, kShortPrefix);
    has_short_chains_ = rules.are_complete();
    if (has_short_chains_) {
      of_kumactl_.push_back(std::move(rules));
    }
  }
}

Owner Ownership::of_chain(std::string_view name) const {
  if (name.starts_with(kKumaChainPrefix)) {
    return of_kuma_chains_;
  }
  return has_short_chains_ && is_short(name) ? Owner::Kumactl : Owner::Others;
}

Owner Ownership::of(const IptablesRule& rule) const {
  if (has_our_mark(rule)) {
    return Owner::Meshdns;
  }
  if (has_comment_of_kumactl(rule)) {
    return Owner::Kumactl;
  }
  for (const std::string& chain : {rule.chain, rule.target}) {
    if (const Owner owner = of_chain(chain); owner != Owner::Others) {
      return owner;
    }
  }
  if (!rule.comment.empty()) {
    return Owner::Others;
  }
  if (std::ranges::any_of(recorded_.rules, [&](const IptablesRule& ours) { return ours.is(rule); })) {
    return Owner::Meshdns;
  }
  if (std::ranges::any_of(of_kumactl_, [&](const KumactlRules& rules) { return rules.contain(rule); })) {
    return Owner::Kumactl;
  }
  const auto may_be = [&](const KumactlRules& rules) { return rules.may_contain(rule); };
  return std::ranges::any_of(of_kumactl_, may_be) ? Owner::Unclear : Owner::Others;
}

}  // namespace meshdns::redirect
