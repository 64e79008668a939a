// Plans to kernel through iptables-restore.
//
// Not thread-safe; two processes are kept apart by the caller. Errors of all: NotPermitted, Unsupported,
// Internal.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "redirect/backend/iptables_changes.hpp"
#include "redirect/backend/iptables_programs.hpp"

namespace meshdns::redirect {

struct IptablesSettings {
  unsigned lock_wait_seconds = 5;
  unsigned lock_wait_interval_us = 0;
  unsigned max_retries = 4;
  std::chrono::milliseconds sleep_between_retries{2000};
};

// The rules of one family: as they were installed earlier, and as they shall be, both as iptables_text()
// writes them; either may be empty.
struct IptablesChange {
  IptablesPrograms programs;
  std::string recorded;
  std::string wanted;
};

struct IptablesChanged {
  bool removed = false;              // there was something to remove
  std::vector<std::string> unclear;  // warnings of rules that may be kumactl's, and were left
};

// Replaces ours, and kumactl's where `also_kumactl`, in all families; reads them back; then does what is
// `last`. If any of it fails, all are as before. With wanted texts that are empty, removes.
Result<IptablesChanged> change_iptables(const std::vector<IptablesChange>& changes, bool also_kumactl,
                                        const IptablesSettings& settings,
                                        const std::function<Result<void>()>& last = nullptr);

// What change_iptables() would feed to iptables-restore.
Result<std::string> iptables_script(const IptablesChange& change, bool also_kumactl);

// Rules of kumactl are in force.
Result<bool> has_rules_of_kumactl(const IptablesPrograms& programs, const std::string& recorded);

}  // namespace meshdns::redirect
