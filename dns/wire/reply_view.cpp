#include "dns/wire/reply_view.hpp"

#include <array>
#include <cstring>

#include "dns/wire/query_view.hpp"

namespace meshdns::wire {

std::optional<ReplyView> parse_reply(std::span<const std::uint8_t> message) noexcept {
  if (message.size() < kHeaderSize || (message[2] & 0x80) == 0) {
    return std::nullopt;
  }
  ReplyView view;
  view.message = message;
  view.flags = load16(&message[2]);
  view.extended_rcode = view.flags & flag::RcodeMask;

  std::size_t at = kHeaderSize;
  const unsigned questions = load16(&message[4]);
  if (questions > 1) {
    return std::nullopt;
  }
  if (questions == 1) {
    at = skip_name(message, at);
    if (at == 0 || at + 4 > message.size()) {
      return std::nullopt;
    }
    at += 4;
    view.question_size = at - kHeaderSize;
  }
  const unsigned before_additional = load16(&message[6]) + load16(&message[8]);
  const unsigned records = before_additional + load16(&message[10]);
  for (unsigned i = 0; i < records; ++i) {
    const std::size_t owner = at;
    at = skip_name(message, at);
    if (at == 0 || at + 10 > message.size()) {
      return std::nullopt;
    }
    const std::uint8_t* fixed = &message[at];
    at += 10U + load16(fixed + 8);
    if (at > message.size()) {
      return std::nullopt;
    }
    if (load16(fixed) == type::OPT) {  // RFC 6891 6.1.1: one, in the additional section, owned by the root
      if (i < before_additional || view.has_opt() || message[owner] != 0) {
        return std::nullopt;
      }
      view.opt_offset = owner;
      view.opt_size = at - owner;
      view.extended_rcode = static_cast<std::uint16_t>(view.extended_rcode | fixed[4] << 4);
    }
  }
  view.records_end = at;
  return view;
}

bool reply_matches(std::span<const std::uint8_t> reply, std::uint16_t id,
                   std::span<const std::uint8_t> question) noexcept {
  if (reply.size() < kHeaderSize || (reply[2] & 0x80) == 0 || load16(&reply[0]) != id) {
    return false;
  }
  if (load16(&reply[4]) == 0) {
    return (reply[3] & flag::RcodeMask) != rcode::NoError;
  }
  if (load16(&reply[4]) != 1 || reply.size() < kHeaderSize + question.size() || question.size() < 5) {
    return false;
  }
  const std::size_t name_size = question.size() - 4;
  const std::uint8_t* theirs = &reply[kHeaderSize];
  if (std::memcmp(theirs + name_size, question.data() + name_size, 4) != 0) {
    return false;
  }
  std::array<std::uint8_t, kMaxNameSize + 9> ours_folded;
  std::array<std::uint8_t, kMaxNameSize + 9> theirs_folded;
  fold_name(question.data(), name_size, ours_folded.data());
  fold_name(theirs, name_size, theirs_folded.data());
  return std::memcmp(ours_folded.data(), theirs_folded.data(), name_size) == 0;
}

}  // namespace meshdns::wire
