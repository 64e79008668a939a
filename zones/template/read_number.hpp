// Numbers of Go, as they are written in a template.
#pragma once

#include <optional>
#include <string_view>

#include "zones/template/value.hpp"

namespace meshdns::templates {

// An int where Go makes an int of a constant without a type, else a float64. nullopt: not a number, or too
// large for int64 and float64.
std::optional<Value> read_number(std::string_view literal);

}  // namespace meshdns::templates
