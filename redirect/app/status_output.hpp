// A Status as text: a table for people, JSON for programs.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "redirect/host/probe.hpp"
#include "redirect/status.hpp"

namespace meshdns::redirect {

struct Probe {
  std::string server;
  std::uint32_t uid = 0;
  bool is_captured = false;
  ProbeAnswer answer;
};

std::string status_table(const Status& status, const std::optional<Probe>& probe);
std::string status_json(const Status& status, const std::optional<Probe>& probe);

// Asks a resolver that is redirected as a user that is not spared, and looks at the counters.
Result<Probe> probe(const Status& before, const std::function<Result<Status>()>& look_again);

}  // namespace meshdns::redirect
