// run_tcp: keeps queries in flight on several TCP connections, pipelined, replies in any order (RFC 7766).
#pragma once

#include <cstddef>

#include <meshdns/result.hpp>

#include "bench/load/loopback_address.hpp"
#include "bench/load/meter.hpp"
#include "bench/load/query_list.hpp"

namespace meshdns::load {

/// `in_flight` is per connection. A connection that the server closes is opened again, its queries are lost.
/// Returns when the meter says that the run is over, with an Error if the server takes no connection.
Result<void> run_tcp(const LoopbackAddress& target, std::size_t in_flight, std::size_t connections,
                     QuerySource& source, Meter& meter);

}  // namespace meshdns::load
