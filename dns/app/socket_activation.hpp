// The sockets that whoever started us opened for us, as sd_listen_fds(3) has it: $LISTEN_FDS descriptors from
// 3 on, for the process $LISTEN_PID.
#pragma once

#include <vector>

#include <meshdns/result.hpp>

namespace meshdns::app {

// None where the variables are absent or for another process. They are removed, so that nothing that is
// started later takes them for its own; call it before there are threads. Errors: InvalidConfig (no numbers,
// or a descriptor that is not open).
Result<std::vector<int>> take_passed_descriptors();

}  // namespace meshdns::app
