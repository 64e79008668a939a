// `meshdns`: serves until a signal says otherwise.
#pragma once

#include "dns/app/command_line.hpp"

namespace meshdns::app {

// The exit code. Ends the process itself where waiting could take for ever: on SIGQUIT, on a second SIGINT,
// and when standard output takes no more.
int serve(const CommandLine& command_line);

}  // namespace meshdns::app
