#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>

#include <meshdns/address.hpp>

namespace meshdns {
namespace {

// Decimal digits only: std::from_chars would take a minus sign.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  if (text.empty() || text.front() == '-') {
    return std::nullopt;
  }
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), value);
  return error == std::errc{} && stop == text.end() ? std::optional(value) : std::nullopt;
}

bool is_link_local(const IpAddress& ip) {
  return ip.is_v6 && ip.octets[0] == 0xfe && (ip.octets[1] & 0xc0U) == 0x80;
}

std::optional<std::uint32_t> parse_scope(std::string_view text) {
  if (const unsigned index = if_nametoindex(std::string(text).c_str()); index != 0) {
    return index;
  }
  const auto number = parse_number<std::uint32_t>(text);
  return number && *number != 0 ? number : std::nullopt;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton wants a terminated string; nothing longer than this can be an address.
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.contains('\0')) {
    return std::nullopt;
  }
  std::ranges::copy(text, terminated.begin());

  IpAddress ip;
  ip.is_v6 = text.contains(':');
  if (inet_pton(ip.is_v6 ? AF_INET6 : AF_INET, terminated.data(), ip.octets.data()) != 1) {
    return std::nullopt;
  }
  return ip;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, octets.data(), text.data(), text.size());
  return text.data();
}

bool IpAddress::is_loopback() const {
  static constexpr IpAddress kLoopbackV6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, true};
  return is_v6 ? *this == kLoopbackV6 : octets[0] == 127;
}

bool IpAddress::is_unspecified() const {
  return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0; });
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text, std::uint16_t default_port) {
  SocketAddress address{.ip = {}, .port = default_port};
  std::string_view host = text;
  std::optional<std::string_view> port;

  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    host = text.substr(1, close - 1);
    if (const std::string_view rest = text.substr(close + 1); rest.starts_with(':')) {
      port = rest.substr(1);
    } else if (!rest.empty()) {
      return std::nullopt;
    }
    if (!host.contains(':')) {
      return std::nullopt;
    }
  } else if (std::ranges::count(text, ':') == 1) {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }

  const std::size_t percent = host.find('%');
  const auto ip = IpAddress::parse(host.substr(0, percent));
  if (!ip) {
    return std::nullopt;
  }
  address.ip = *ip;
  if (percent != std::string_view::npos) {
    const auto scope = parse_scope(host.substr(percent + 1));
    if (!scope || !is_link_local(*ip)) {
      return std::nullopt;
    }
    address.scope = *scope;
  }
  if (port) {
    const auto number = parse_number<std::uint16_t>(*port);
    if (!number) {
      return std::nullopt;
    }
    address.port = *number;
  }
  return address;
}

std::string SocketAddress::to_string() const {
  if (!ip.is_v6) {
    return fmt::format("{}:{}", ip.to_string(), port);
  }
  if (scope == 0) {
    return fmt::format("[{}]:{}", ip.to_string(), port);
  }
  std::array<char, IF_NAMESIZE> interface{};
  if (if_indextoname(scope, interface.data()) == nullptr) {
    return fmt::format("[{}%{}]:{}", ip.to_string(), scope, port);
  }
  return fmt::format("[{}%{}]:{}", ip.to_string(), interface.data(), port);
}

}  // namespace meshdns
