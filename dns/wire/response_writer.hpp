// ResponseWriter: builds one response in place, in a buffer that the caller owns, within the client's limit.
//
// The question is the client's own bytes; owner names point at it (RFC 1035 4.1.4), so every response is
// compressed. Room for the OPT is set aside from the start. Never allocates, never throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dns/wire/edns_options.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::wire {

enum class Section : std::uint8_t { Answer, Authority, Additional };

// How many octets this client takes: over TCP all, over UDP what it advertised, at least 512 (RFC
// 6891 6.2.3), at most `ceiling` (a datagram that needs no fragments on the way to this client).
std::size_t response_limit(const Edns& edns, bool is_tcp, std::size_t ceiling) noexcept;

class ResponseWriter {
 public:
  // `out` must hold at least kMinResponse octets; it is used up to `limit`.
  static constexpr std::size_t kMinResponse = 512;
  ResponseWriter(const QueryView& query, std::span<std::uint8_t> out, std::size_t limit) noexcept;

  // Header and question. `flags` are those in addition to QR, RD and CD (the latter two copied from the
  // query).
  void begin(std::uint16_t rcode, std::uint16_t flags) noexcept;

  // Says more than the rcode does, in the OPT of clients that sent one, if there is room for it. To be called
  // before the first record; `text` must last until finish().
  void set_extended_error(std::uint16_t code, std::string_view text = {}) noexcept;

  // Room left for records.
  std::size_t room() const noexcept { return limit_ - size_; }

  // `count` ready-made records; false, and nothing written, if they do not fit.
  bool add(Section section, std::span<const std::uint8_t> records, std::uint16_t count) noexcept;

  // As above without copying: the caller writes at most room() octets at the returned place and then calls
  // added().
  std::uint8_t* cursor() noexcept { return out_.data() + size_; }
  void added(Section section, std::size_t octets, std::uint16_t count) noexcept;

  void set_truncated() noexcept { truncated_ = true; }
  bool is_truncated() const noexcept { return truncated_; }

  // Completes the header and adds the OPT if the client sent one. Returns the response's size.
  std::size_t finish() noexcept;

  std::uint16_t rcode() const noexcept { return rcode_; }
  const QueryView& query() const noexcept { return query_; }

 private:
  const QueryView& query_;
  std::span<std::uint8_t> out_;
  std::size_t limit_;
  std::size_t size_ = 0;
  std::uint16_t flags_ = 0;
  std::uint16_t rcode_ = 0;
  ExtendedError extended_error_;
  std::uint16_t counts_[3] = {};
  bool truncated_ = false;
};

// An answer that is a header, the question if there is one (unless `header_only`), an OPT if the client sent
// one, and an rcode. Returns its size.
std::size_t write_error(const QueryView& query, std::uint16_t rcode, std::span<std::uint8_t> out,
                        bool header_only = false) noexcept;

// What is needed of a query to answer it after its packet is gone.
struct AskerView {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  Edns edns;
  std::span<const std::uint8_t> question;  // the client's bytes
};

// A bare rcode to a query whose packet is gone. Returns its size.
std::size_t write_error(const AskerView& asker, std::uint16_t rcode, std::span<std::uint8_t> out) noexcept;

// Passes on an upstream's reply: the client's id, RD and exact question, RA set, the upstream's OPT replaced
// by ours (or by nothing), cut at `limit` by whole records from the end with TC (RFC 2181 9). Returns its
// size, or 0 if the reply cannot be passed on (its question has another size than the client's).
// `extended_error` goes into our OPT, if the client has one.
std::size_t write_forwarded(const AskerView& asker, const ReplyView& reply, std::span<std::uint8_t> out,
                            std::size_t limit, const ExtendedError& extended_error = {}) noexcept;

}  // namespace meshdns::wire
