// run_udp: keeps a number of queries in flight on connected UDP sockets, in batches of up to 64 a call.
#pragma once

#include <cstddef>

#include <meshdns/result.hpp>

#include "bench/load/loopback_address.hpp"
#include "bench/load/meter.hpp"
#include "bench/load/query_list.hpp"

namespace meshdns::load {

/// `in_flight` is shared out among `sockets`. Returns when the meter says that the run is over.
Result<void> run_udp(const LoopbackAddress& target, std::size_t in_flight, std::size_t sockets,
                     QuerySource& source, Meter& meter);

}  // namespace meshdns::load
