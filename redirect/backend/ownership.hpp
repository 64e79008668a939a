// Whose rule is it? Ours, kumactl's, or somebody else's, who must not notice us.
#pragma once

#include <string_view>

#include "redirect/backend/iptables_rules.hpp"

namespace meshdns::redirect {

enum class Owner : std::uint8_t { Others, Meshdns, Kumactl };

// Knows our rules by our mark in their comments, or where they have none by the record of what was installed;
// kumactl's by its comments, its chains, and the shapes of the rules that its releases before 2.9 left
// without a comment. Pure.
class Ownership {
 public:
  // `saved`: all rules of a family. `recorded`: our rules, as they were installed; may be empty.
  Ownership(const IptablesRules& saved, const IptablesRules& recorded);

  Owner of(const IptablesRule& rule) const;
  Owner of_chain(std::string_view name) const;

 private:
  const IptablesRules& recorded_;
  Owner of_kuma_chains_ = Owner::Others;  // those named KUMA_MESH_...
};

}  // namespace meshdns::redirect
