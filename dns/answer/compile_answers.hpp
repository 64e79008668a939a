// compile_answers(): MeshZone to AnswerTable. All the thinking about names happens here, once per load, so
// that a query needs none.
#pragma once

#include <cstdint>

#include <meshdns/result.hpp>
#include <meshdns/zone.hpp>

#include "dns/answer/answer_table.hpp"

namespace meshdns::answer {

// What is said of the zone's names that the zone does not say itself.
struct AnswerPolicy {
  bool ent_nxdomain = false;  // an empty non-terminal is NXDOMAIN; else NODATA (RFC 8020)
  SearchPolicy search;
};

// `serial` becomes the SOA serial of every owned suffix. A name may appear once in `zone.records` (the zone
// reader sees to that); of several the last one counts. Errors: InvalidZone (more than 65,535 addresses of
// one name, more than 4 GiB of names or records).
Result<AnswerTable> compile_answers(const MeshZone& zone, std::uint32_t serial,
                                    const AnswerPolicy& policy = {});

}  // namespace meshdns::answer
