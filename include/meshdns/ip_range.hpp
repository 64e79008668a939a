// IpRange: a CIDR block of IPv4 or IPv6 addresses.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include <meshdns/address.hpp>

namespace meshdns {

struct IpRange {
  IpAddress first;      // the network address; bits behind the prefix are zero
  unsigned prefix = 0;  // 0..32, or 0..128 for IPv6

  // `240.0.0.0/4`, `fd00:fd00::/64`. Nullopt also when bits behind the prefix are set.
  static std::optional<IpRange> parse(std::string_view text);
  // The network that an address with a prefix lies in, `10.1.2.3/8` too; an address alone is a network of its
  // own.
  static std::optional<IpRange> parse_network(std::string_view text);
  std::string to_string() const;

  bool contains(const IpAddress& address) const;

  // Number of addresses, network address included; what does not fit into a double exactly is rounded.
  double size() const;

  auto operator<=>(const IpRange&) const = default;
};

}  // namespace meshdns
