// A Plan in the language of iptables-restore. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

// Stands in front of every comment, as in Kuma's own rules; then come a mark of ours and our words.
inline constexpr std::string_view kKumaCommentPrefix = "kuma/mesh/transparent/proxy/";
inline constexpr std::string_view kCommentMark = "meshdns: ";

struct IptablesStyle {
  bool comments = true;
  bool verbose = false;  // long option names, headings
};

// The chains to create and the rules, one command a line, positions counted from 1 within each chain.
std::vector<std::string> iptables_commands(const Table& table, const IptablesStyle& style);

// What iptables-restore --noflush takes.
std::string iptables_text(const Plan& plan, const IptablesStyle& style);

}  // namespace meshdns::redirect
