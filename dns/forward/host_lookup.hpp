// The addresses of a host that is an upstream.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/result.hpp>

namespace meshdns::forward {

// Asks the resolvers for A and AAAA records and waits for the answers, at most kDeadline. IPv4 addresses come
// first. The error says why there is none. `mark` as in Upstream.
Result<std::vector<IpAddress>> look_up_host(const DomainName& name, std::span<const SocketAddress> resolvers,
                                            std::uint32_t mark = 0);

}  // namespace meshdns::forward
