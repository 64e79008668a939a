// Whose rule is it? Ours, kumactl's, or somebody else's, who must not notice us.
#pragma once

#include <string_view>
#include <vector>

#include "redirect/backend/iptables_rules.hpp"
#include "redirect/backend/kumactl_rules.hpp"

namespace meshdns::redirect {

// Unclear: kumactl may have written the rule, and so may the operator. It is left alone.
enum class Owner : std::uint8_t { Others, Meshdns, Kumactl, Unclear };

// Knows our rules by our mark in their comments, or where they have none by the record of what was installed;
// kumactl's by its comments, its chains, and the shapes of those that it left without a comment. Pure.
class Ownership {
 public:
  // `saved`: all rules of a family. `recorded`: our rules, as they were installed; may be empty.
  Ownership(const IptablesRules& saved, const IptablesRules& recorded);

  Owner of(const IptablesRule& rule) const;  // one of `saved`
  Owner of_chain(std::string_view name) const;

 private:
  const IptablesRules& recorded_;
  Owner of_kuma_chains_ = Owner::Others;  // those named KUMA_MESH_...
  bool has_short_chains_ = false;         // kumactl's, named MESH_...
  std::vector<KumactlRules> of_kumactl_;  // for the chains of kumactl that are there
};

}  // namespace meshdns::redirect
