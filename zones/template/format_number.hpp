// Verbs of printf for numbers. False: a number of this type has no such verb, and nothing was appended.
#pragma once

#include <cstdint>
#include <string>

#include "zones/template/format_value.hpp"

namespace meshdns::templates {

bool format_integer(std::string& out, std::int64_t number, char32_t verb, const Directive& directive);

// '#' has no meaning here, unlike in Go.
bool format_float(std::string& out, double number, char32_t verb, const Directive& directive);

}  // namespace meshdns::templates
