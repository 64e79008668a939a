#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <meshdns/ip_range.hpp>

namespace meshdns {
namespace {

unsigned bits_of(const IpAddress& address) {
  return address.is_v6 ? 128 : 32;
}

// The address with zeros behind the prefix.
IpAddress network_of(IpAddress address, unsigned prefix) {
  for (unsigned i = 0; i < address.octets.size(); ++i) {
    const unsigned kept = std::clamp(prefix, 8 * i, 8 * i + 8) - 8 * i;
    address.octets[i] = static_cast<std::uint8_t>(address.octets[i] & (0xff00U >> kept));
  }
  return address;
}

// Digits without a leading zero, as in the prefixes that Go and inet accept alike.
std::optional<unsigned> parse_prefix(std::string_view text) {
  unsigned prefix = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), prefix);
  const bool is_plain = !text.empty() && (text.front() != '0' || text.size() == 1);
  return is_plain && error == std::errc{} && stop == text.end() ? std::optional(prefix) : std::nullopt;
}

}  // namespace

std::optional<IpRange> IpRange::parse(std::string_view text) {
  const auto network = parse_network(text);
  const bool is_written_so =
      text.contains('/') && network && IpAddress::parse(text.substr(0, text.find('/'))) == network->first;
  return is_written_so ? network : std::nullopt;
}

std::optional<IpRange> IpRange::parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  const auto length = slash == std::string_view::npos ? std::optional(bits_of(*address))
                                                      : parse_prefix(text.substr(slash + 1));
  if (!length || *length > bits_of(*address)) {
    return std::nullopt;
  }
  return IpRange{network_of(*address, *length), *length};
}

std::string IpRange::to_string() const {
  return fmt::format("{}/{}", first.to_string(), prefix);
}

bool IpRange::contains(const IpAddress& address) const {
  return address.is_v6 == first.is_v6 && network_of(address, prefix) == first;
}

double IpRange::size() const {
  return std::ldexp(1.0, static_cast<int>(bits_of(first) - prefix));
}

}  // namespace meshdns
