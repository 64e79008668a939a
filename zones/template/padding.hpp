// Padding of what a verb of printf has made.
#pragma once

#include <string>
#include <string_view>

#include "zones/template/format_value.hpp"

namespace meshdns::templates {

// Appends `text`, filled up to the width: on the right with '-', else on the left, with zeros if '0' says so.
void pad(std::string& out, std::string_view text, const Directive& directive);

}  // namespace meshdns::templates
