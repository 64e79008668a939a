// The octets of a file before anything is made of them.
#pragma once

#include <cstddef>
#include <string_view>

#include "zones/text/yaml_file.hpp"

namespace meshdns::text {

TextPosition position_of(std::string_view text, std::size_t offset);

// Throws YamlFault at the first octet that is NUL or not UTF-8.
void refuse_binary(std::string_view text);

}  // namespace meshdns::text
