// One look at /metrics of a running server.
#pragma once

#include <string>
#include <string_view>

#include <meshdns/address.hpp>

namespace meshdns::test {

// What a path of the HTTP server says: "200 OK", or "no answer".
std::string http_text(const SocketAddress& http, std::string_view target);

// The value of a series, labels included, or "none".
std::string metric_at(const SocketAddress& http, const std::string& series);

}  // namespace meshdns::test
