// ReplyView: a reply from an upstream, checked, with its OPT record located so that it can be left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/wire/message.hpp"

namespace meshdns::wire {

struct ReplyView {
  std::span<const std::uint8_t> message;
  std::uint16_t flags = 0;
  std::size_t question_size = 0;  // octets behind the header; 0 when the upstream sent none
  std::size_t records_end = 0;    // offset behind the last record
  std::size_t opt_offset = 0;     // 0: no OPT
  std::size_t opt_size = 0;
  std::uint16_t extended_rcode = 0;  // 12 bits, OPT included

  bool is_truncated() const { return (flags & flag::TC) != 0; }
  bool has_opt() const { return opt_offset != 0; }
};

// Walks every record, so that what is passed on is whole. Nullopt: not a response, a record does not fit, a
// name never ends, or an OPT is where none may be.
std::optional<ReplyView> parse_reply(std::span<const std::uint8_t> message) noexcept;

// True if `reply` is a response with this id to this question (qname compared without case, RFC 4343). A
// reply without question section matches only if it carries an error code (some servers leave it out then).
bool reply_matches(std::span<const std::uint8_t> reply, std::uint16_t id,
                   std::span<const std::uint8_t> question) noexcept;

}  // namespace meshdns::wire
