// The SOA of negative answers, with which clients can cache them (RFC 2308).
#pragma once

#include <cstddef>
#include <cstdint>

#include "dns/answer/answer_table.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::answer {

// `owner` is where its owner stands in the message. Left out if there is no room for it.
inline void add_soa(const AnswerTable& mesh, std::size_t owner, wire::ResponseWriter& out) noexcept {
  std::uint8_t* soa = out.cursor();
  if (out.add(wire::Section::Authority, mesh.soa(), 1)) {
    wire::store16(soa, static_cast<std::uint16_t>(0xC000 | owner));
  }
}

}  // namespace meshdns::answer
