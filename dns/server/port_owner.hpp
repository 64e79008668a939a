// Who has a port that we want, as far as /proc may be read: of other users' processes often nothing.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include <meshdns/address.hpp>

namespace meshdns::server {

struct PortOwner {
  pid_t pid = 0;
  std::string program;
};

// The process with a UDP socket that is in the way of `address`, else with a TCP socket. Slow: looks at the
// descriptors of every process.
std::optional<PortOwner> find_port_owner(const SocketAddress& address);

}  // namespace meshdns::server
