// Opening listen addresses: UDP and TCP of one address, for each worker one pair.
//
// SO_REUSEPORT is shared among our own workers only: the first pair of an address is bound without it, so
// that a second server on the same address fails instead of stealing part of the queries.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/options.hpp>
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

using Listening = std::map<SocketAddress, SocketAddress>;  // configured -> actual
std::vector<SocketAddress> actual_addresses(const Listening& listening);

// The sockets that these options want and that are not open yet: all, or an error. An address family that
// this host does not have is a warning, as long as another address is left.
Result<std::vector<ListenSockets>> open_missing_sockets(const ServerOptions& options, const Listening& open,
                                                        unsigned workers, std::vector<std::string>& warnings);

// What is listened on once those are open and what the options do not want is closed.
Listening listening_with(const ServerOptions& options, const Listening& open,
                         const std::vector<ListenSockets>& opened);

}  // namespace meshdns::server
