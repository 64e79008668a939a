#include "dns/wire/response_writer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace meshdns::wire {
namespace {

constexpr std::size_t kOptSize = 11;

// `extended_rcode` is the upper 8 of the 12 bits (RFC 6891 6.1.3). Returns the size of the record.
std::size_t write_opt(std::uint8_t* opt, std::uint8_t extended_rcode, bool dnssec_ok,
                      const ExtendedError& extended_error) noexcept {
  opt[0] = 0;
  store16(opt + 1, type::OPT);
  store16(opt + 3, kOwnUdpPayload);
  opt[5] = extended_rcode;
  opt[6] = 0;
  store16(opt + 7, dnssec_ok ? 0x8000 : 0);
  const std::size_t options = extended_error.option_size();
  store16(opt + 9, static_cast<std::uint16_t>(options));
  if (options != 0) [[unlikely]] {
    store16(opt + kOptSize, edns_option::ExtendedError);
    store16(opt + kOptSize + 2, static_cast<std::uint16_t>(options - 4));
    store16(opt + kOptSize + 4, extended_error.code);
    std::ranges::copy(extended_error.text, opt + kOptSize + 6);
  }
  return kOptSize + options;
}

}  // namespace

std::size_t response_limit(const Edns& edns, bool is_tcp, std::size_t ceiling) noexcept {
  if (is_tcp) {
    return kMaxMessageSize;
  }
  if (!edns.present) {
    return kPlainUdpLimit;
  }
  return std::clamp<std::size_t>(edns.udp_payload, kPlainUdpLimit, std::max(ceiling, kPlainUdpLimit));
}

ResponseWriter::ResponseWriter(const QueryView& query, std::span<std::uint8_t> out,
                               std::size_t limit) noexcept
    : query_(query), out_(out), limit_(std::min(limit, out.size()) - (query.edns.present ? kOptSize : 0)) {
  assert(out.size() >= kMinResponse);
}

void ResponseWriter::begin(std::uint16_t rcode, std::uint16_t flags) noexcept {
  const auto question = query_.question();
  rcode_ = rcode;
  flags_ = static_cast<std::uint16_t>(flag::QR | flags |
                                      (query_.flags & (flag::OpcodeMask | flag::RD | flag::CD)) |
                                      (rcode & flag::RcodeMask));
  std::memcpy(out_.data() + kHeaderSize, question.data(), question.size());
  size_ = kHeaderSize + question.size();
  counts_[0] = counts_[1] = counts_[2] = 0;
  truncated_ = false;
}

void ResponseWriter::set_extended_error(std::uint16_t code, std::string_view text) noexcept {
  const ExtendedError error(code, text);
  if (query_.edns.present && !extended_error_.is_present() && error.option_size() <= room()) {
    extended_error_ = error;
    limit_ -= error.option_size();
  }
}

bool ResponseWriter::add(Section section, std::span<const std::uint8_t> records,
                         std::uint16_t count) noexcept {
  if (records.size() > room()) {
    return false;
  }
  std::memcpy(cursor(), records.data(), records.size());
  added(section, records.size(), count);
  return true;
}

void ResponseWriter::added(Section section, std::size_t octets, std::uint16_t count) noexcept {
  size_ += octets;
  counts_[static_cast<std::size_t>(section)] =
      static_cast<std::uint16_t>(counts_[static_cast<std::size_t>(section)] + count);
}

std::size_t ResponseWriter::finish() noexcept {
  std::uint8_t* header = out_.data();
  store16(header, query_.id);
  store16(header + 2, truncated_ ? flags_ | flag::TC : flags_);
  store16(header + 4, query_.has_question() ? 1 : 0);
  store16(header + 6, counts_[0]);
  store16(header + 8, counts_[1]);
  store16(header + 10, counts_[2]);
  if (query_.edns.present) {
    size_ +=
        write_opt(cursor(), static_cast<std::uint8_t>(rcode_ >> 4), query_.edns.dnssec_ok, extended_error_);
    store16(header + 10, counts_[2] + 1U);
  }
  return size_;
}

std::size_t write_error(const QueryView& query, std::uint16_t rcode, std::span<std::uint8_t> out,
                        bool header_only) noexcept {
  if (header_only) {
    std::memset(out.data(), 0, kHeaderSize);
    store16(out.data(), query.id);
    store16(out.data() + 2, flag::QR | (query.flags & (flag::OpcodeMask | flag::RD)) | rcode);
    return kHeaderSize;
  }
  ResponseWriter writer(query, out, ResponseWriter::kMinResponse);
  writer.begin(rcode, rcode == rcode::ServFail ? flag::RA : 0);
  return writer.finish();
}

std::size_t write_error(const AskerView& asker, std::uint16_t rcode, std::span<std::uint8_t> out) noexcept {
  // To the writer of forwarded replies this is an upstream that answered the bare code.
  std::array<std::uint8_t, kHeaderSize> bare{};
  ReplyView reply;
  reply.message = bare;
  reply.records_end = kHeaderSize;
  reply.extended_rcode = rcode;
  return write_forwarded(asker, reply, out, kPlainUdpLimit);
}

std::size_t write_forwarded(const AskerView& asker, const ReplyView& reply, std::span<std::uint8_t> out,
                            std::size_t limit, const ExtendedError& extended_error) noexcept {
  const bool repeats_question = reply.question_size != 0;
  if (repeats_question && reply.question_size != asker.question.size()) {
    return 0;
  }
  limit = std::min(limit, out.size()) - (asker.edns.present ? kOptSize + extended_error.option_size() : 0);

  // Compression pointers count from the start, so octets may only vanish from the end: an OPT in the middle
  // of the additional section costs the records behind it, which are never answers.
  const std::uint8_t* from = reply.message.data();
  const std::size_t end = reply.has_opt() ? reply.opt_offset : reply.records_end;
  std::uint16_t counts[3] = {load16(from + 6), load16(from + 8), load16(from + 10)};

  std::size_t at = kHeaderSize + reply.question_size;
  std::size_t kept = at;
  std::uint16_t kept_counts[3] = {};
  bool answers_cut = false;
  for (int section = 0; section < 3 && kept == at; ++section) {
    for (std::uint16_t i = 0; i < counts[section] && at < end; ++i) {
      at = skip_name(reply.message, at);
      at += 10U + load16(from + at + 8);
      if (at > limit) {
        answers_cut = section == 0;
        break;
      }
      kept = at;
      ++kept_counts[section];
    }
  }

  std::size_t size = kHeaderSize + asker.question.size();
  std::memcpy(out.data() + kHeaderSize, asker.question.data(), asker.question.size());
  if (repeats_question) {
    std::memcpy(out.data() + size, from + size, kept - size);
    size = kept;
  } else {  // an error code without question: nothing else is worth passing on
    kept_counts[0] = kept_counts[1] = kept_counts[2] = 0;
  }

  const bool extended = asker.edns.present && reply.extended_rcode > flag::RcodeMask;
  const std::uint16_t code =
      reply.extended_rcode <= flag::RcodeMask || extended ? reply.extended_rcode : rcode::ServFail;
  // RFC 6840 5.7: AD means something to clients only that asked for it.
  const bool wants_ad = asker.edns.dnssec_ok || (asker.flags & flag::AD) != 0;
  const std::uint16_t passed_on = flag::AA | flag::TC | (wants_ad ? flag::AD : 0);
  std::uint16_t flags =
      static_cast<std::uint16_t>(flag::QR | flag::RA | (reply.flags & passed_on) |
                                 (asker.flags & (flag::RD | flag::CD)) | (code & flag::RcodeMask));
  if (answers_cut) {
    flags |= flag::TC;
  }
  std::uint8_t* header = out.data();
  store16(header, asker.id);
  store16(header + 2, flags);
  store16(header + 4, 1);
  store16(header + 6, kept_counts[0]);
  store16(header + 8, kept_counts[1]);
  store16(header + 10, kept_counts[2]);
  if (asker.edns.present) {
    size += write_opt(out.data() + size, static_cast<std::uint8_t>(code >> 4), asker.edns.dnssec_ok,
                      extended_error);
    store16(header + 10, kept_counts[2] + 1U);
  }
  return size;
}

}  // namespace meshdns::wire
