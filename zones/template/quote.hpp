// Texts as Go's strconv quotes them.
#pragma once

#include <string>
#include <string_view>

namespace meshdns::templates {

enum class Quoting : bool { Utf8, Ascii };

std::string quote(std::string_view text, Quoting quoting = Quoting::Utf8);
std::string quote_char(char32_t rune, Quoting quoting = Quoting::Utf8);
bool can_backquote(std::string_view text);

// For messages: quoted, and cut when long.
std::string excerpt(std::string_view text);

}  // namespace meshdns::templates
