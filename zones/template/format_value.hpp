// One verb of printf with its flags, for one value, as Go's fmt formats it.
#pragma once

#include <optional>
#include <string>

#include "zones/template/value.hpp"

namespace meshdns::templates {

struct Directive {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  std::optional<int> width;  // in runes
  std::optional<int> precision;
};

// A verb that the type of `value` does not have gives `%!verb(type=value)`.
void format_value(std::string& out, const Value& value, char32_t verb, Directive directive);

}  // namespace meshdns::templates
