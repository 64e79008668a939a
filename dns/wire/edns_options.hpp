// Options of an OPT record (RFC 6891 6.1.2): those that we write ourselves or act on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dns/wire/message.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::wire {

// What an rcode is about, more exactly (RFC 8914).
struct ExtendedError {
  static constexpr std::size_t kMaxText = 255;  // octets; what is longer is cut

  ExtendedError() = default;
  explicit(false) constexpr ExtendedError(std::uint16_t its_code, std::string_view its_text = {})
      : code(its_code), text(its_text.substr(0, kMaxText)) {}

  std::uint16_t code = extended_error::None;
  std::string_view text;

  // "Other" says nothing without a text.
  bool is_present() const noexcept { return code != extended_error::None || !text.empty(); }
  std::size_t option_size() const noexcept { return is_present() ? 6 + text.size() : 0; }
};

// The data of the first such option; nullopt: there is none that can be read.
std::optional<std::span<const std::uint8_t>> find_edns_option(std::span<const std::uint8_t> options,
                                                              std::uint16_t code) noexcept;

// That of a response of our own; the text is in the message.
ExtendedError extended_error_of(const ReplyView& response) noexcept;

}  // namespace meshdns::wire
