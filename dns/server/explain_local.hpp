// What directives that answer by themselves say of a query, for explain().
#pragma once

#include "dns/inspect/explanation.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

// Writes down the answer of the first one that has anything to say; false: none has.
bool explain_sources(const plugin::Sources& sources, const wire::QueryView& query, inspect::Explanation& out);

}  // namespace meshdns::server
