// A query as directives see it: its octets and the view of them.
#pragma once

#include <memory>

#include "dns/wire/query_view.hpp"
#include "tests/support/dns_message.hpp"

namespace meshdns::test {

struct Asked {
  explicit Asked(const QuerySpec& spec) : octets(make_query(spec)) { wire::parse_query(octets, view); }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  Octets octets;
  wire::QueryView view;
};

}  // namespace meshdns::test
