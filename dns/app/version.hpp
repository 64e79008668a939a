// What the program calls itself.
#pragma once

#include <string>

namespace meshdns::app {

// Two lines. The first is CoreDNS's, of the version whose behaviour is followed: kuma-dp looks for it. The
// second is our own.
std::string version_text();

// The directives that a Corefile may have, one per line, then an empty line.
std::string plugins_text();

}  // namespace meshdns::app
