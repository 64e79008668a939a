#include "dns/wire/reverse_name.hpp"

#include <algorithm>
#include <string_view>

namespace meshdns::wire {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kIpv4Suffix = "\7in-addr\4arpa\0"sv;
constexpr std::string_view kIpv6Suffix = "\3ip6\4arpa\0"sv;
constexpr std::size_t kIpv6NibbleOctets = 64;  // 32 labels of one digit

bool ends_with(std::span<const std::uint8_t> name, std::string_view suffix) {
  return name.size() > suffix.size() && std::equal(suffix.begin(), suffix.end(), name.end() - suffix.size());
}

// A label of one to three digits without leading zero, 0..255.
std::optional<std::uint8_t> decimal_label(std::span<const std::uint8_t> label) {
  if (label.empty() || label.size() > 3 || (label.size() > 1 && label[0] == '0')) {
    return std::nullopt;
  }
  unsigned value = 0;
  for (const std::uint8_t digit : label) {
    if (digit < '0' || digit > '9') {
      return std::nullopt;
    }
    value = value * 10 + (digit - '0');
  }
  return value <= 255 ? std::optional(static_cast<std::uint8_t>(value)) : std::nullopt;
}

std::optional<std::uint8_t> nibble(std::uint8_t digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  if (digit >= 'a' && digit <= 'f') {
    return digit - 'a' + 10;
  }
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> address_of_reverse_name(std::span<const std::uint8_t> folded) noexcept {
  IpAddress address;
  if (ends_with(folded, kIpv4Suffix)) {
    auto rest = folded.first(folded.size() - kIpv4Suffix.size());
    for (int octet = 3; octet >= 0; --octet) {
      if (rest.empty() || rest[0] >= rest.size()) {  // the second: the suffix began inside a label
        return std::nullopt;
      }
      const auto value = decimal_label(rest.subspan(1, rest[0]));
      if (!value) {
        return std::nullopt;
      }
      address.octets[octet] = *value;
      rest = rest.subspan(rest[0] + 1U);
    }
    return rest.empty() ? std::optional(address) : std::nullopt;
  }
  if (ends_with(folded, kIpv6Suffix) && folded.size() == kIpv6NibbleOctets + kIpv6Suffix.size()) {
    address.is_v6 = true;
    for (std::size_t i = 0; i < 32; ++i) {
      const auto value = nibble(folded[2 * i + 1]);
      if (folded[2 * i] != 1 || !value) {
        return std::nullopt;
      }
      std::uint8_t& octet = address.octets[15 - i / 2];
      octet = static_cast<std::uint8_t>(octet | *value << (i % 2 == 0 ? 0 : 4));
    }
    return address;
  }
  return std::nullopt;
}

std::uint16_t reverse_zone_size(std::span<const std::uint8_t> folded, const IpRange& range) noexcept {
  const unsigned bits = range.first.is_v6 ? 4 : 8;  // of a label
  const unsigned all = range.first.is_v6 ? 32 : 4;
  const unsigned kept = std::max(1U, (range.prefix + bits - 1) / bits);
  std::size_t at = 0;
  for (unsigned label = kept; label < all; ++label) {
    at += folded[at] + 1U;
  }
  return static_cast<std::uint16_t>(folded.size() - at);
}

}  // namespace meshdns::wire
