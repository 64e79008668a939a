// `meshdns explain NAME [TYPE]`: says who would answer a query, and why. It asks the very code that answers.
#pragma once

#include "dns/app/command_line.hpp"

namespace meshdns::app {

int explain(const CommandLine& command_line);  // the exit code

}  // namespace meshdns::app
