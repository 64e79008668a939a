#include "dns/corefile/zone_key.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <meshdns/address.hpp>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::array<std::string_view, 5> kEncryptedSchemes = {"tls", "quic", "grpc", "https", "https3"};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

struct Cidr {
  IpAddress network;
  unsigned bits;
};

std::optional<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto network = IpAddress::parse(text.substr(0, slash));
  const auto bits = parse_number<unsigned>(text.substr(slash + 1));
  if (!network || !bits || *bits > network->bytes().size() * 8) {
    return std::nullopt;
  }
  return Cidr{*network, *bits};
}

// The reverse zone of the first `labels` octets (IPv4) or nibbles (IPv6) of an address.
std::string reverse_zone(const IpAddress& address, unsigned labels) {
  std::string name;
  for (unsigned label = labels; label-- > 0;) {
    const unsigned octet = address.octets[address.is_v6 ? label / 2 : label];
    name += address.is_v6 ? fmt::format("{:x}.", label % 2 == 0 ? octet >> 4U : octet & 0xFU)
                          : fmt::format("{}.", octet);
  }
  return name + (address.is_v6 ? "ip6.arpa" : "in-addr.arpa");
}

// RFC 1035 3.5 and RFC 3596 2.5: reverse names have a label per octet, per nibble for IPv6. A mask that ends
// inside a label stands for every zone that the label can make.
std::vector<DomainName> reverse_zones(const Cidr& cidr) {
  const unsigned width = cidr.network.is_v6 ? 4 : 8;
  const unsigned labels = (cidr.bits + width - 1) / width;
  const unsigned free_bits = labels * width - cidr.bits;
  std::vector<DomainName> zones;
  for (unsigned i = 0; i < (1U << free_bits); ++i) {
    IpAddress network = cidr.network;
    if (free_bits > 0) {
      auto& octet = network.octets[(labels - 1) * width / 8];
      const unsigned shift = cidr.network.is_v6 && labels % 2 == 1 ? 4 : 0;
      const unsigned mask = ((1U << free_bits) - 1) << shift;
      octet = static_cast<std::uint8_t>((octet & ~mask) | (i << shift));
    }
    zones.push_back(*DomainName::parse(reverse_zone(network, labels)));
  }
  return zones;
}

// Takes the scheme off `text`.
Result<void> strip_scheme(const Token& key, std::string_view& text) {
  const auto end = text.find("://");
  if (end == std::string_view::npos) {
    return {};
  }
  const auto scheme = text.substr(0, end);
  if (std::ranges::find(kEncryptedSchemes, scheme) != kEncryptedSchemes.end()) {
    return parse_error(
        key, fmt::format("scheme {}:// is not supported, expected dns://, in '{}'", scheme, key.text));
  }
  if (scheme != "dns") {
    return parse_error(key, fmt::format("unknown scheme {}://, expected dns://, in '{}'", scheme, key.text));
  }
  text.remove_prefix(end + 3);
  return {};
}

}  // namespace

Result<ZoneKey> parse_zone_key(const Token& key) {
  std::string_view text = key.text;
  if (auto stripped = strip_scheme(key, text); !stripped) {
    return std::unexpected(std::move(stripped.error()));
  }
  if (text.ends_with(':')) {
    return parse_error(key, fmt::format("expecting data after last colon: \"{}\"", text));
  }

  ZoneKey result;
  const std::string_view whole = text;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    const auto port = text.substr(colon + 1);
    if (std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) {
      result.port = parse_number<std::uint16_t>(port);
      if (!result.port) {
        return parse_error(key, fmt::format("invalid port '{}', expected 0..65535", port));
      }
      text = text.substr(0, colon);
    }
  }
  if (text.size() > 255) {
    return parse_error(key, fmt::format("specified zone is too long: {} > 255", text.size()));
  }
  if (const auto cidr = parse_cidr(text)) {
    // A leading colon or zero cannot be told from a port or an octet; CoreDNS refuses both.
    if (cidr->network.is_v6 && (whole.starts_with(':') || whole.starts_with('0'))) {
      return parse_error(key, fmt::format("invalid CIDR {}", whole));
    }
    result.zones = reverse_zones(*cidr);
    return result;
  }
  auto zone = DomainName::parse(text.empty() ? "." : text);
  if (!zone) {
    return parse_error(key, fmt::format("'{}' is not a zone: {}", key.text, zone.error()));
  }
  if (text.contains(':')) {
    return parse_error(key, fmt::format("'{}' is not a zone, expected [dns://]zone[:port]", key.text));
  }
  result.zones.push_back(*std::move(zone));
  return result;
}

Result<std::vector<DomainName>> parse_zones(const std::vector<Token>& words, std::size_t first) {
  std::vector<DomainName> zones;
  for (std::size_t i = first; i < words.size(); ++i) {
    auto key = parse_zone_key(words[i]);
    if (!key) {
      return std::unexpected(std::move(key.error()));
    }
    zones.insert(zones.end(), key->zones.begin(), key->zones.end());
  }
  return zones;
}

Result<std::vector<DomainName>> parse_fallthrough(const std::vector<Token>& words) {
  return words.size() > 1 ? parse_zones(words, 1) : std::vector<DomainName>(1);
}

}  // namespace meshdns::corefile
