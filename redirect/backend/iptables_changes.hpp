// What to feed to iptables-restore --noflush to get from the rules in force to others. Each table is changed
// in one step, old rules out and new ones in; rules of others are not named, so they keep place and counters.
// Pure.
#pragma once

#include <functional>
#include <string>

#include "redirect/backend/iptables_rules.hpp"
#include "redirect/backend/ownership.hpp"

namespace meshdns::redirect {

// Whether rules of that owner are to go.
using Goes = std::function<bool(Owner)>;

// Takes rules out of `saved`, then runs `commands` (as iptables_text() writes them, may be empty). Empty when
// there is nothing to do.
std::string iptables_replacement(const IptablesRules& saved, const Ownership& ownership, const Goes& goes,
                                 const std::string& commands);

// The commands that bring back, each at its place, the rules of `before` that went, once everything else of
// `before` is there.
std::string iptables_return(const IptablesRules& before, const Ownership& ownership, const Goes& goes);

}  // namespace meshdns::redirect
