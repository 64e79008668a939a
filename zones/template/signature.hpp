// Signature: what functions there are, and what arguments they take.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "zones/template/go_template.hpp"
#include "zones/template/program.hpp"

namespace meshdns::templates {

inline constexpr std::size_t kAnyNumber = ~std::size_t{0};

struct Signature {
  std::string_view name;
  Function function;
  std::size_t least;
  std::size_t most;       // of arguments
  bool takes_text_first;  // Go's type of the first parameter is string
};

// nullptr: there is no such function.
const Signature* find_signature(std::string_view name, const GoTemplate::Dialect& dialect);

std::string function_names(const GoTemplate::Dialect& dialect);  // "and, eq, ..."

}  // namespace meshdns::templates
