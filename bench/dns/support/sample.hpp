// What the benchmarks ask and answer: any number of names `service-N.namespace.<zone>` with one address each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer/answer_table.hpp"

namespace meshdns::bench {

using Octets = std::vector<std::uint8_t>;

std::string name_of(std::size_t i, std::string_view zone);

// A question for A with EDNS, as clients send it.
Octets query_for(const std::string& name);

// 65,536 of them in random order, so that a large table does not sit in the processor's cache by accident.
// Each name is of the first `names` of `zone`, with `prefix` before it.
std::vector<Octets> queries(std::size_t names, std::string_view zone, std::string_view prefix = "");

// The first `names` names of `mesh`.
answer::AnswerTable mesh_of(std::size_t names);

// The whole way from a query's octets to its response's; `mesh` answers all of them.
std::size_t answer_locally(const Octets& packet, const answer::AnswerTable& mesh, std::uint32_t rotation,
                           Octets& out);

}  // namespace meshdns::bench
