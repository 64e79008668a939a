// The programs of iptables on this host, and what they can do.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "redirect/backend/iptables_rules.hpp"
#include "redirect/plan/host_facts.hpp"
#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

struct IptablesPrograms {
  enum class Mode : std::uint8_t { Nft, Legacy };

  Family family = Family::Ipv4;
  Mode mode = Mode::Nft;
  std::string iptables;
  std::string save;
  std::string restore;

  std::string name() const;  // `iptables-nft`, `ip6tables-legacy`, ...
};

// `iptables v1.8.9 (nf_tables)` and the like, in what a program prints for --version. Nothing when it is no
// such program. Pure.
std::optional<IptablesPrograms::Mode> iptables_mode(std::string_view version_text);

// All that are installed, IPv4 before IPv6, nft before legacy. `named` are paths that the operator gave; a
// family that is named is not searched for.
std::vector<IptablesPrograms> find_iptables(const std::map<std::string, std::string>& named);

// All rules in force. A mode that the kernel does not have has none. Errors: NotPermitted, Internal.
Result<std::string> save_iptables(const IptablesPrograms& programs, bool with_counters = false);

struct ChosenIptables {
  std::optional<IptablesPrograms> ipv4;
  std::optional<IptablesPrograms> ipv6;
  HostFacts facts;
  std::vector<std::string> warnings;
};

// As kumactl chooses: the only mode that works; of two the one that has rules, else nft. IPv6 follows IPv4.
// Errors: Unsupported when IPv4 has no working mode.
Result<ChosenIptables> choose_iptables(const std::vector<IptablesPrograms>& found);

}  // namespace meshdns::redirect
