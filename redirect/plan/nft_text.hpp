// A Plan in nft's language. Pure; understood by nft 1.0.6 and later.
#pragma once

#include <string>
#include <string_view>

#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

// The one table that is ours. Nothing outside of it is ever read or changed.
inline constexpr std::string_view kTable = "inet meshdns";

// With its comment, which is distinct for each rule of a plan.
std::string nft_rule(const Rule& rule);

// Commands that put exactly this plan in force, whatever stood in the table before.
std::string nft_install_text(const Plan& plan);

// Commands that remove the table and succeed without one.
std::string nft_uninstall_text();

}  // namespace meshdns::redirect
