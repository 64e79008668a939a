// Parser: tokens to a Program.
#pragma once

#include "zones/template/go_template.hpp"
#include "zones/template/program.hpp"

namespace meshdns::templates {

// Fills `program` from its text. Throws TemplateFault.
void compile(Program& program, const GoTemplate::Dialect& dialect);

}  // namespace meshdns::templates
