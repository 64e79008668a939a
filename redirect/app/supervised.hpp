// Work that must not stop half way: iptables has no transaction across its tables.
#pragma once

#include <functional>

namespace meshdns::redirect {

// Runs `work` in a process of its own, away from the terminal and from signals that ask it to end, and
// returns its exit code. If this process is killed, the work goes on to its end; if that process is, the work
// is done again here.
int run_to_the_end(const std::function<int()>& work);

}  // namespace meshdns::redirect
