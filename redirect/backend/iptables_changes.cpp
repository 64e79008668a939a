#include "redirect/backend/iptables_changes.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::redirect {
namespace {

// nat comes last but for mangle, which nothing depends on: what captures packets is in force when all it
// needs is.
constexpr std::array<std::string_view, 3> kTables = {"raw", "nat", "mangle"};

using TableCommands = std::map<std::string_view, std::vector<std::string>>;

std::string in_tables(const TableCommands& commands) {
  std::string text;
  for (const std::string_view table : kTables) {
    if (const auto found = commands.find(table); found != commands.end() && !found->second.empty()) {
      text += fmt::format("*{}\n{}\nCOMMIT\n", table, fmt::join(found->second, "\n"));
    }
  }
  return text;
}

// The commands of each table in a text for iptables-restore.
void append_commands(TableCommands& commands, std::string_view text) {
  std::string_view table;
  for (const auto part : std::views::split(text, '\n')) {
    const std::string_view line(part.begin(), part.end());
    if (line.starts_with('*')) {
      const std::string_view name = line.substr(line.find_first_not_of("* "));
      const auto* const known = std::ranges::find(kTables, name);
      table = known == kTables.end() ? "" : *known;
    } else if (line.starts_with('-') && !table.empty()) {
      commands[table].emplace_back(line);
    }
  }
}

std::string_view known(const std::string& table) {
  const auto* const found = std::ranges::find(kTables, table);
  return found == kTables.end() ? "" : *found;
}

}  // namespace

std::string iptables_replacement(const IptablesRules& saved, const Ownership& ownership, const Goes& goes,
                                 const std::string& commands) {
  TableCommands changes;
  // Rules in chains of everybody one by one; chains of ours as a whole, once nothing leads to them.
  for (const IptablesRule& rule : saved.rules) {
    if (goes(ownership.of(rule)) && !goes(ownership.of_chain(rule.chain)) && !known(rule.table).empty()) {
      changes[known(rule.table)].push_back(fmt::format("-D {} {}", rule.chain, rule.spec));
    }
  }
  for (const char* command : {"-F", "-X"}) {
    for (const IptablesRules::Chain& chain : saved.chains) {
      if (goes(ownership.of_chain(chain.name)) && !known(chain.table).empty()) {
        changes[known(chain.table)].push_back(fmt::format("{} {}", command, chain.name));
      }
    }
  }
  append_commands(changes, commands);
  return in_tables(changes);
}

std::string iptables_return(const IptablesRules& before, const Ownership& ownership, const Goes& goes) {
  TableCommands commands;
  for (const IptablesRules::Chain& chain : before.chains) {
    if (goes(ownership.of_chain(chain.name)) && !known(chain.table).empty()) {
      commands[known(chain.table)].push_back(fmt::format("-N {}", chain.name));
    }
  }
  std::map<std::string, unsigned> positions;
  for (const IptablesRule& rule : before.rules) {
    const unsigned position = ++positions[rule.table + ' ' + rule.chain];
    if (goes(ownership.of(rule)) && !known(rule.table).empty()) {
      commands[known(rule.table)].push_back(fmt::format("-I {} {} {}", rule.chain, position, rule.spec));
    }
  }
  return in_tables(commands);
}

}  // namespace meshdns::redirect
