// The Clock of dns/forward for tests: it stands still unless it is told to go on. However slow the machine
// is, no question is repeated or given up before the test says so.
#pragma once

#include <chrono>

namespace meshdns::forward {

// Not while a Forwarder runs on another thread.
void move_clock(std::chrono::milliseconds time);

}  // namespace meshdns::forward
