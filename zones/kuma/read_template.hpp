// Templates of host names and ports inside resources.
#pragma once

#include "zones/kuma/field.hpp"
#include "zones/template/go_template.hpp"

namespace meshdns::kuma {

// A fault of the template is reported where it stands inside the text.
templates::GoTemplate read_template(const Field& field, const templates::GoTemplate::Dialect& dialect);

}  // namespace meshdns::kuma
