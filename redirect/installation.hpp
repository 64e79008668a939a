// Installing and uninstalling as a whole: choice of the backend, both families, what is beside the rules, the
// record of it all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/redirect.hpp>

#include "redirect/backend/iptables_backend.hpp"
#include "redirect/plan/iptables_text.hpp"
#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

struct InstallSettings {
  IptablesSettings iptables;
  std::map<std::string, std::string> executables;
  std::string state_folder = "/run/meshdns-redirect";
  bool store_firewalld = false;
  std::string firewalld_folder = "/etc/firewalld";
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

// On failure the host is as it was. Returns warnings. Errors: NotPermitted, Unsupported, Internal.
Result<std::vector<std::string>> install(const Prepared& prepared, const InstallSettings& settings);

// Needs to know nothing of the install. Returns warnings.
Result<std::vector<std::string>> uninstall(const InstallSettings& settings, bool also_kumactl);

// What uninstall() would run.
Result<std::string> uninstall_text(const InstallSettings& settings, bool also_kumactl);

}  // namespace meshdns::redirect
