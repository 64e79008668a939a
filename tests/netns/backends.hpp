// The ways in which rules reach the kernel, for tests that must hold for each of them.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace meshdns::testing {

struct Backend {
  std::string name;    // `nftables`, `iptables-nft`, `iptables-legacy`
  std::string suffix;  // of iptables' programs: `nft`, `legacy`

  bool is_iptables() const { return !suffix.empty(); }

  // Names this backend to meshdns-redirect, and programs that `uninstall` understands as well.
  std::vector<std::string> flags() const;
  std::vector<std::string> program_flags() const;

  // All rules of the host that it can see, counters left out.
  std::string rules() const;

  // Why it cannot be tested here.
  std::optional<std::string> unavailable() const;
};

inline void PrintTo(const Backend& backend, std::ostream* out) {
  *out << backend.name;
}

// For INSTANTIATE_TEST_SUITE_P.
std::string name_of_backend(const ::testing::TestParamInfo<Backend>& tested);

std::vector<Backend> all_backends();
std::vector<Backend> iptables_backends();

}  // namespace meshdns::testing
