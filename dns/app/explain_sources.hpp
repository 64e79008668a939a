// What the directives that answer by themselves say of a query, for `meshdns explain`.
#pragma once

#include <string>
#include <string_view>

#include "dns/plugin/chain.hpp"
#include "dns/plugin/source.hpp"

namespace meshdns::app {

void print_row(std::string_view title, const std::string& text);

// Prints the answer of the first one that has anything to say; false: none has.
bool explain_sources(const plugin::Sources& sources, const wire::QueryView& query);

}  // namespace meshdns::app
