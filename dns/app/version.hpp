// What the program calls itself.
#pragma once

#include <cstdint>
#include <string>

#include <meshdns/status.hpp>

namespace meshdns::app {

// Two lines. The first is CoreDNS's, of the version whose behaviour is followed: kuma-dp looks for it. The
// second is our own.
std::string version_text();

// The same for metrics.
ProgramStatus about_program(std::uint64_t log_lines_dropped);

// The directives that a Corefile may have, one per line, then an empty line.
std::string plugins_text();

}  // namespace meshdns::app
