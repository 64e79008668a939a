// decide(): what to do with a query that a server block has taken. The whole policy on one page.
#pragma once

#include <cstdint>

#include "dns/answer/answer_table.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::answer {

enum class Verdict : std::uint8_t {
  Answered,  // the writer holds the response
  Forward,   // not ours: ask an upstream; the writer is untouched
};

// What the answer was, for counters and the query log.
enum class Source : std::uint8_t {
  None,
  MeshData,
  MeshNoData,
  MeshNxDomain,
  MeshOverlay,     // forwarded, but the name exists here: an upstream's NXDOMAIN means NODATA
  SearchAlias,     // of a name with a suffix of the search list behind it
  SearchNxDomain,  // likewise
  Refused,
  Chaos
};

struct Decision {
  Verdict verdict = Verdict::Forward;
  Source source = Source::None;
};

// `mesh` may be null. `rotation` picks the first address of several; any value will do, a counter is usual.
// Pure: no clock, no allocation, no log, no throw.
Decision decide(const wire::QueryView& query, const AnswerTable* mesh, std::uint32_t rotation,
                wire::ResponseWriter& out) noexcept;

}  // namespace meshdns::answer
