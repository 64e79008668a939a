#include "dns/wire/reply_view.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "dns/wire/query_view.hpp"

namespace meshdns::wire {
namespace {

// No name has more labels; a chain of more pointers is there to cost time.
constexpr unsigned kMaxPointers = 127;

// Whether the name at `at` comes to its root label. Each pointer leads to a place before the part of the name
// that it ends (RFC 1035 4.1.4: "a prior occurrence"), so that no name runs in a circle.
bool name_ends(std::span<const std::uint8_t> message, std::size_t at) noexcept {
  std::size_t part = at;
  std::size_t size = 0;
  unsigned pointers = 0;
  while (at < message.size() && size < kMaxNameSize) {
    const std::uint8_t label = message[at];
    if (label == 0) {
      return true;
    }
    if (label < 64) {
      at += label + 1U;
      size += label + 1U;
      continue;
    }
    if (label < 0xC0 || at + 2 > message.size() || ++pointers > kMaxPointers) {
      return false;
    }
    const std::size_t target = load16(&message[at]) & 0x3FFFU;
    if (target < kHeaderSize || target >= part) {
      return false;
    }
    at = part = target;
  }
  return false;
}

// Names in the data of a record may be compressed if its type is as old as compression (RFC 3597 4), and are
// in practice in some that are younger.
struct NamesInData {
  std::uint16_t type;
  std::uint8_t before;  // octets in front of them
  std::uint8_t count;
};
constexpr NamesInData kNamesInData[] = {{type::NS, 0, 1},   {type::CNAME, 0, 1}, {type::SOA, 0, 2},
                                        {type::PTR, 0, 1},  {type::MX, 2, 1},    {type::SRV, 6, 1},
                                        {type::DNAME, 0, 1}};

bool names_in_data_end(std::span<const std::uint8_t> message, std::uint16_t type, std::size_t at,
                       std::size_t end) noexcept {
  const auto* names =
      std::ranges::find(kNamesInData, type, [](const NamesInData& entry) { return entry.type; });
  if (names == std::end(kNamesInData)) {
    return true;
  }
  at += names->before;
  for (unsigned i = 0; i < names->count; ++i) {
    const std::size_t behind = at < end ? skip_name(message.first(end), at) : 0;
    if (behind == 0 || !name_ends(message, at)) {
      return false;
    }
    at = behind;
  }
  return true;
}

}  // namespace

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
    if (at == 0 || at + 4 > message.size() || !name_ends(message, kHeaderSize)) {
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
    if (at == 0 || at + 10 > message.size() || !name_ends(message, owner)) {
      return std::nullopt;
    }
    const std::uint8_t* fixed = &message[at];
    const std::size_t data = at + 10;
    at = data + load16(fixed + 8);
    if (at > message.size() || !names_in_data_end(message, load16(fixed), data, at)) {
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
