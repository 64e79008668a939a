// Opening listen addresses: UDP and TCP of one address, for each worker one pair.
//
// SO_REUSEPORT is shared among our own workers only: the first pair of an address is bound without it, so
// that a second server on the same address fails instead of stealing part of the queries.
#pragma once

#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

#include "dns/base/unique_fd.hpp"

namespace meshdns::server {

struct SocketPair {
  base::UniqueFd udp;
  base::UniqueFd tcp;  // listening
};

struct ListenSockets {
  SocketAddress configured;  // as asked for: a port of 0 stays 0
  SocketAddress actual;
  std::vector<SocketPair> workers;  // one pair per worker
};

// Both or none. Wildcard addresses report the destination of each datagram (IP_PKTINFO), so that the reply
// can leave from it. Errors: AddressInUse, NotPermitted, Unsupported (no such address family here),
// CannotListen.
Result<ListenSockets> open_listen_sockets(const SocketAddress& address, unsigned workers);

}  // namespace meshdns::server
