#include "dns/wire/edns_options.hpp"

namespace meshdns::wire {

std::optional<std::span<const std::uint8_t>> find_edns_option(std::span<const std::uint8_t> options,
                                                              std::uint16_t code) noexcept {
  while (options.size() >= 4) {
    const std::size_t size = load16(&options[2]);
    if (size > options.size() - 4) {
      return std::nullopt;
    }
    if (load16(options.data()) == code) {
      return options.subspan(4, size);
    }
    options = options.subspan(4 + size);
  }
  return std::nullopt;
}

ExtendedError extended_error_of(const ReplyView& response) noexcept {
  constexpr std::size_t kFixed = 11;  // of the OPT, in front of its options
  if (!response.has_opt()) {
    return {};
  }
  const auto options = response.message.subspan(response.opt_offset + kFixed, response.opt_size - kFixed);
  const auto error = find_edns_option(options, edns_option::ExtendedError);
  if (!error || error->size() < 2) {
    return {};
  }
  return {load16(error->data()), {reinterpret_cast<const char*>(error->data()) + 2, error->size() - 2}};
}

}  // namespace meshdns::wire
