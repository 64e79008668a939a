#include <charconv>

#include <fmt/format.h>

#include <meshdns/redirect.hpp>

namespace meshdns {

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  if (slash == std::string_view::npos) {
    return IpNetwork{*address, std::nullopt};
  }
  const std::string_view digits = text.substr(slash + 1);
  std::uint8_t prefix = 0;
  const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), prefix);
  if (error != std::errc{} || stop != digits.end() || prefix > (address->is_v6 ? 128 : 32)) {
    return std::nullopt;
  }
  return IpNetwork{*address, prefix};
}

std::string IpNetwork::to_string() const {
  return prefix ? fmt::format("{}/{}", address.to_string(), *prefix) : address.to_string();
}

}  // namespace meshdns
