// run_fresh: one query at a time, each from a socket of its own, as a stub resolver of a C library asks.
#pragma once

#include <meshdns/result.hpp>

#include "bench/load/loopback_address.hpp"
#include "bench/load/meter.hpp"
#include "bench/load/query_list.hpp"

namespace meshdns::load {

/// The latency includes making and connecting the socket. Returns when the meter says that the run is over.
Result<void> run_fresh(const LoopbackAddress& target, QuerySource& source, Meter& meter);

/// Asks until the first good answer arrives, for at most `patience`: how a runner waits for a server's start.
Result<void> probe(const LoopbackAddress& target, QuerySource& source, std::chrono::nanoseconds patience);

}  // namespace meshdns::load
