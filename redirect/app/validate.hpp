// Checks that inbound traffic is redirected: what `kumactl install transparent-proxy-validator` does.
#pragma once

#include <cstdint>

#include <meshdns/result.hpp>

namespace meshdns::redirect {

// Listens where Envoy would, on loopback, and connects as `uid` to an address that Envoy hands connections on
// to; the connection has to arrive. Tries for ten seconds. Errors: AddressInUse, CannotListen, Internal.
Result<void> validate(std::uint16_t port, std::uint32_t uid, bool ipv6);

}  // namespace meshdns::redirect
