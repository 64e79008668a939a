// Network: two private network namespaces joined by a cable. The test process itself stands in the first one,
// the "host"; the second one is somewhere else on the network. Both vanish with this object, or with the
// process.
//
//   host: 10.77.0.1, fd77::1  --  elsewhere: 10.77.0.2, 10.77.0.3, fd77::2, fd77::3; default routes lead
//   there
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/netns/child_process.hpp"

namespace meshdns::testing {

// The cable's end in the host's namespace.
inline constexpr const char* kHostInterface = "host0";

class Network {
 public:
  // Why there can be none here (no privilege, no kernel support); nothing when there can.
  static std::optional<std::string> unavailable();

  Network();
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Moves the calling process to the other end, for good.
  bool go_elsewhere() const;

 private:
  int original_ = -1;
  std::unique_ptr<ChildProcess> elsewhere_;
};

// Runs a shell script and throws std::runtime_error with its output when it fails.
void run_script(const std::string& script);

// Feeds `commands` to nft.
void nft(const std::string& commands);

}  // namespace meshdns::testing
