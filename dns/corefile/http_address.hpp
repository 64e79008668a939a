// Addresses that HTTP is offered at: `localhost:9153`, `:8080`, `127.0.0.1:9153`, `[::1]:9153`.
#pragma once

#include <string_view>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

namespace meshdns::corefile {

// Without a host every address of both families; `localhost` is the loopback address of each. Names are not
// looked up. The error is worded as Go's.
Result<std::vector<SocketAddress>> parse_http_address(std::string_view text);

}  // namespace meshdns::corefile
