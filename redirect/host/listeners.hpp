// Who listens on a port of this network namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace meshdns::redirect {

struct Listener {
  std::string protocol;  // `udp`, `tcp`, `udp6`, `tcp6`
  std::string address;
  std::uint16_t port = 0;
  std::uint32_t uid = 0;
  std::string program;  // empty where that may not be known
};

std::vector<Listener> find_listeners(const std::vector<std::uint16_t>& ports);

// A program of that name runs.
bool is_running(const std::string& program);

}  // namespace meshdns::redirect
