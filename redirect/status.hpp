// What is in force, beside what was meant to be.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/result.hpp>

#include "redirect/host/listeners.hpp"

namespace meshdns::redirect {

struct RuleState {
  enum class State : std::uint8_t {
    Present,
    Missing,     // it was installed and is gone
    Altered,     // it is there under its comment and means something else now
    Unexpected,  // it is among ours and was not installed by us
  };

  State state = State::Present;
  std::string place;    // `dns_redirect`; `IPv4 nat OUTPUT`
  std::string rule;     // as the kernel has it; as it was installed, where it is missing
  std::string planned;  // as it was installed, where it is altered
  std::uint64_t packets = 0;
};

struct Status {
  std::string backend;  // `nftables`, `iptables-nft`, `iptables-legacy`; empty: not installed
  std::vector<RuleState> rules;
  std::optional<std::uint32_t> exempt_uid;
  std::vector<std::uint16_t> target_ports;
  std::vector<Listener> listeners;  // on those
  bool has_passthrough_address = false;
  std::vector<std::string> warnings;

  bool is_installed() const { return !backend.empty(); }
  bool is_as_planned() const;

  // Packets (of iptables: first ones of connections) that DNS rules took.
  std::uint64_t captured_dns() const;
};

// Errors: NotPermitted, Internal.
Result<Status> read_status(const std::string& state_folder,
                           const std::map<std::string, std::string>& executables,
                           const std::string& firewalld_folder);

std::string_view word(RuleState::State state);

}  // namespace meshdns::redirect
