// `meshdns check`: validates everything without serving, and prints what would be served.
#pragma once

#include "dns/app/command_line.hpp"

namespace meshdns::app {

int check(const CommandLine& command_line);  // the exit code

}  // namespace meshdns::app
