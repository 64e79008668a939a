// printf as Go's fmt.Sprintf, with its answers to wrong formats: `%!d(string=x)`, `%!s(MISSING)`.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "zones/template/value.hpp"

namespace meshdns::templates {

// The error: widths, precisions or the result are beyond kMaxRendered.
std::expected<std::string, std::string> go_printf(std::string_view format, std::span<const Value> arguments);

}  // namespace meshdns::templates
