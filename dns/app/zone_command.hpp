// `meshdns zone show|diff|vips`: what a mesh zone says, without serving it.
#pragma once

#include "dns/app/command_line.hpp"

namespace meshdns::app {

int zone_command(const CommandLine& command_line);  // the exit code

}  // namespace meshdns::app
