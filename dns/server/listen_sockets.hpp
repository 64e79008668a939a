// Opening listen addresses: UDP and TCP of one address, for each worker one pair.
//
// SO_REUSEPORT is shared among our own workers only: the first pair of an address is bound without it, so
// that a second server on the same address fails instead of stealing part of the queries. A socket that was
// passed to us is used instead of a new one; all workers receive from it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/server/open_socket.hpp"
#include "dns/server/passed_sockets.hpp"

namespace meshdns::server {

struct SocketPair {
  ListenSocket udp;
  ListenSocket tcp;  // listening
};

struct ListenSockets {
  SocketAddress configured;  // as asked for: a port of 0 stays 0
  SocketAddress actual;
  std::vector<SocketPair> workers;  // one pair per worker
};

// Both or none. Errors: those of open_socket().
Result<ListenSockets> open_listen_sockets(const SocketAddress& address, unsigned workers,
                                          const PassedSockets& passed);

using Listening = std::map<SocketAddress, SocketAddress>;  // configured -> actual
std::vector<SocketAddress> actual_addresses(const Listening& listening);

// The sockets that these options want and that are not open yet: all, or an error. An address family that
// this host does not have is a warning, as long as another address is left. Where nothing is open yet, that
// is at the start, an address that is busy is tried again for a second: its owner may be about to end.
Result<std::vector<ListenSockets>> open_missing_sockets(const ServerOptions& options, const Listening& open,
                                                        unsigned workers, const PassedSockets& passed,
                                                        const LogSink& log);

// What is listened on once those are open and what the options do not want is closed.
Listening listening_with(const ServerOptions& options, const Listening& open,
                         const std::vector<ListenSockets>& opened);

}  // namespace meshdns::server
