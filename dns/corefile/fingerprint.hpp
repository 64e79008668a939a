// fingerprint(): tells one configuration from another.
#pragma once

#include <string>

#include "dns/corefile/parser.hpp"

namespace meshdns::corefile {

// SHA-512, in hexadecimal digits, of the words of a parsed Corefile and of where they stand, imports
// included. Comments and spaces between words do not count; lines do, because messages name them.
std::string fingerprint(const ParsedFile& file);

}  // namespace meshdns::corefile
