// Rules of iptables as text, read from iptables-save or from what is fed to iptables-restore, and compared.
//
// The two write one rule differently (order of matches, `-m tcp`, `/32`, long names); its canonical form is
// the same. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshdns::redirect {

struct IptablesRule {
  std::string table;
  std::string chain;
  std::string spec;                  // everything behind the chain, as it is written, without a position
  std::vector<std::string> options;  // sorted, modules and comment left out: `! -d 10.0.0.0/8`, `-j CT`
  std::string canonical;             // these in one line: what the rule means
  std::string comment;
  std::string target;         // of -j or -g
  bool at_head = false;       // it was an insertion
  std::size_t number = 0;     // in its chain, from 1, in the order of the text
  std::uint64_t packets = 0;  // where iptables-save was asked for counters

  // The same rule at the same place.
  bool is(const IptablesRule& other) const {
    return table == other.table && chain == other.chain && canonical == other.canonical;
  }
};

struct IptablesRules {
  struct Chain {
    std::string table;
    std::string name;
  };
  std::vector<Chain> chains;  // those that somebody made: not PREROUTING and its like
  std::vector<IptablesRule> rules;
};

IptablesRules parse_iptables(std::string_view text);

// The order in which the rules stand once they are in force: insertions first.
std::vector<IptablesRule> in_order(const std::vector<IptablesRule>& rules);

}  // namespace meshdns::redirect
