// reference_text(): REFERENCE.md, written from the table of directives so that it cannot disagree with the
// program.
#pragma once

#include <string>

namespace meshdns::corefile {

std::string reference_text();

}  // namespace meshdns::corefile
