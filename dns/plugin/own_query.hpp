// own_query(): the query that is asked in place of a client's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/wire/query_view.hpp"

namespace meshdns::plugin {

struct OwnQuestion {
  std::span<const std::uint8_t> qname;  // wire form
  std::uint16_t qtype = 0;
  std::uint16_t qclass = 0;
  std::uint16_t flags = 0;  // second header word
};

// The question that the client asked.
inline OwnQuestion same_question(const wire::QueryView& query) {
  return {query.qname(), query.qtype, query.qclass, query.flags};
}

// Id and EDNS are the client's; options are left out.
std::vector<std::uint8_t> own_query(const wire::QueryView& query, const OwnQuestion& question);

}  // namespace meshdns::plugin
