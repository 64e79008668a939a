#include "dns/corefile/http_address.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(port) : std::nullopt;
}

SocketAddress with_port(std::string_view ip, std::uint16_t port) {
  return {.ip = *IpAddress::parse(ip), .port = port};
}

}  // namespace

Result<std::vector<SocketAddress>> parse_http_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool is_bracketed = text.starts_with('[');
  if (colon == std::string_view::npos || (is_bracketed && text.ends_with(']'))) {
    return config_error(fmt::format("address {}: missing port in address", text));
  }
  const std::string_view host = text.substr(0, colon);
  if (!is_bracketed && host.contains(':')) {
    return config_error(fmt::format("address {}: too many colons in address", text));
  }
  const auto port = port_of(text.substr(colon + 1));
  if (!port) {
    return config_error(fmt::format("address {}: invalid port", text.substr(colon + 1)));
  }
  if (host.empty()) {
    return std::vector{with_port("0.0.0.0", *port), with_port("::", *port)};
  }
  if (host == "localhost") {
    return std::vector{with_port("127.0.0.1", *port), with_port("::1", *port)};
  }
  if (const auto address = SocketAddress::parse(text, 0)) {
    return std::vector{*address};
  }
  return config_error(fmt::format("address {}: not an IP address or localhost: '{}'", text, host));
}

}  // namespace meshdns::corefile
