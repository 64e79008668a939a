// IpAddress, SocketAddress: plain values, comparable and hashable, with their text forms.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meshdns {

// An IPv4 or IPv6 address without scope. IPv4 uses the first four octets; the rest is zero.
struct IpAddress {
  std::array<std::uint8_t, 16> octets{};
  bool is_v6 = false;

  // Accepts what inet_pton accepts: dotted quad or RFC 4291 text, nothing else.
  static std::optional<IpAddress> parse(std::string_view text);
  std::string to_string() const;

  std::span<const std::uint8_t> bytes() const { return {octets.data(), is_v6 ? 16U : 4U}; }
  bool is_loopback() const;
  bool is_unspecified() const;

  auto operator<=>(const IpAddress&) const = default;
};

// An address to bind or to send to. `scope` is the interface index of a link-local IPv6 address, else 0.
struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;
  std::uint32_t scope = 0;

  // `a.b.c.d[:port]`, `v6`, `[v6][:port]`, either with `%interface` for link-local IPv6. Without a port,
  // `default_port` is used.
  static std::optional<SocketAddress> parse(std::string_view text, std::uint16_t default_port);
  std::string to_string() const;  // `1.2.3.4:53`, `[::1]:53`, `[fe80::1%eth0]:53`

  auto operator<=>(const SocketAddress&) const = default;
};

}  // namespace meshdns
