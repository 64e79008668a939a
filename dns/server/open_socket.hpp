// open_socket(): one socket that DNS is received from, new or passed to us.
#pragma once

#include <cstdint>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

#include "dns/base/unique_fd.hpp"
#include "dns/server/passed_sockets.hpp"

namespace meshdns::server {

struct ListenSocket {
  base::UniqueFd fd;
  bool is_passed = false;  // others may have it, too: now, or after us
};

enum class Share : std::uint8_t {
  Exclusive,     // nobody else may have the address
  ClaimForOurs,  // the same, but once it is claimed our other workers may join
  JoinOurs,
};

// `type` is SOCK_DGRAM, or SOCK_STREAM, which listens then. The address of a passed socket is shared with
// whoever has it, whatever `share` says. Wildcard addresses report the destination of each datagram
// (IP_PKTINFO), so that the reply can leave from it. Errors: AddressInUse, NotPermitted, Unsupported (no such
// address family here), CannotListen.
Result<ListenSocket> open_socket(int type, const SocketAddress& address, Share share,
                                 const PassedSockets& passed);

SocketAddress bound_address(int fd);

}  // namespace meshdns::server
