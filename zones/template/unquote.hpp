// Quoted literals of Go, as they are written in a template.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace meshdns::templates {

// `literal` has its quotes, `"` or backquotes. nullopt: an escape that Go does not have.
std::optional<std::string> unquote(std::string_view literal);

// 'x', with its quotes.
std::optional<char32_t> unquote_char(std::string_view literal);

}  // namespace meshdns::templates
