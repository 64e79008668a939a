// PassedSockets: sockets that somebody else opened and gave to us: systemd, or who replaces a running server
// without a gap. Several processes may have them; each datagram and each connection goes to one of them.
//
// Our own descriptors of them stay open as long as this lives, so that an address that a reload drops and
// another one brings back can be had again. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

#include "dns/base/unique_fd.hpp"

namespace meshdns::server {

class PassedSockets {
 public:
  // Takes the descriptors over, whatever comes of it. What is not a bound UDP or TCP socket is a warning.
  // Errors: InvalidConfig (two for one address).
  Result<void> take(const std::vector<int>& descriptors, std::vector<std::string>& warnings);

  // `type` is SOCK_DGRAM or SOCK_STREAM. The descriptor stays ours; -1: none was passed.
  int find(int type, const SocketAddress& address) const;

  // A warning for each socket of another address: who asks there waits in vain.
  std::vector<std::string> unused(const std::set<SocketAddress>& wanted) const;

 private:
  std::map<std::pair<int, SocketAddress>, base::UniqueFd> sockets_;
};

}  // namespace meshdns::server
