// What an install would put in force: choice of the backend, both families. Changes nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/redirect.hpp>

#include "redirect/backend/iptables_backend.hpp"
#include "redirect/backend/iptables_programs.hpp"
#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

struct InstallSettings {
  IptablesSettings iptables;
  std::map<std::string, std::string> executables;
  std::string state_folder = "/run/meshdns-redirect";
  bool store_firewalld = false;
  std::string firewalld_folder = "/etc/firewalld";
  std::string resolv_conf = "/etc/resolv.conf";
  bool dry_run = false;  // nothing is going to be changed: a host that is not able to is no fault
  bool verbose = false;
};

// What would be in force.
struct Prepared {
  struct Family {
    std::optional<IptablesPrograms> programs;  // nothing in a dry run on a host without them
    std::string text;                          // for iptables-restore
    std::string stored_text;                   // the same for firewalld: always with comments
  };

  std::optional<Plan> nftables;  // else iptables
  std::optional<Family> ipv4;
  std::optional<Family> ipv6;
  bool needs_passthrough_address = false;
  std::vector<std::string> warnings;

  std::string text() const;  // as a dry run prints it
};

// Errors: InvalidConfig, NotPermitted, Unsupported, Internal.
Result<Prepared> prepare(const RedirectSpec& spec, const InstallSettings& settings);

// What every command that needs CAP_NET_ADMIN says without it.
std::unexpected<Error> not_permitted();

}  // namespace meshdns::redirect
