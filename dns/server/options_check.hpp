// What of ServerOptions concerns the server as a whole.
#pragma once

#include <chrono>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

namespace meshdns::server {

// Errors: InvalidConfig, NotPermitted.
Result<void> check_options(const ServerOptions& options);

std::chrono::milliseconds longest_lameduck(const ServerOptions& options);

}  // namespace meshdns::server
