// expand_environment(): `{$NAME}` and `{%NAME%}` in a word become the value of the environment variable.
#pragma once

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

// An unset variable is the empty string; `{$}` is left alone. Values are expanded again, so a variable that
// contains itself is an error rather than an endless loop.
Result<Token> expand_environment(Token token);

}  // namespace meshdns::corefile
