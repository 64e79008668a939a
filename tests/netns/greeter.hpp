// Greeter: a process that accepts TCP connections and says who it is and where the caller wanted to go, then
// hangs up. It asks the kernel for the original destination, as Envoy does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/netns/child_process.hpp"

namespace meshdns::testing {

class Greeter {
 public:
  struct Options {
    std::string name;
    std::uint16_t port = 8080;      // on every address, IPv4 and IPv6
    std::function<bool()> prepare;  // runs first: change namespace, change user
  };

  explicit Greeter(const Options& options);

 private:
  ChildProcess process_;
};

}  // namespace meshdns::testing
