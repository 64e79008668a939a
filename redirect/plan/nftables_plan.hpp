// nftables_plan(): the rules for one table of our own. They capture what Kuma's rules capture, with fewer
// rules, and leave live connections alone. Pure.
#pragma once

#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

// Conntrack zone of queries that are redirected. Its number is of no importance except that it is not 0; it
// is the one that Kuma uses.
inline constexpr std::uint16_t kRedirectedZone = 2;

// Errors: InvalidConfig.
Result<Plan> nftables_plan(const RedirectSpec& spec);

}  // namespace meshdns::redirect
