#include <optional>
#include <utility>

#include "zones/kuma/dns_name.hpp"
#include "zones/kuma/read_kinds.hpp"
#include "zones/kuma/read_tags.hpp"
#include "zones/text/typed_value.hpp"

namespace meshdns::kuma {
namespace {

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

// As Go's net.SplitHostPort: brackets around what has colons, and nothing but a port behind them.
std::optional<HostAndPort> split_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool has_brackets = host.size() >= 2 && host.starts_with('[') && host.ends_with(']');
  if (has_brackets) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return std::nullopt;
  }
  if (host.find_first_of("[]") != std::string_view::npos ||
      port.find_first_of("[]") != std::string_view::npos) {
    return std::nullopt;
  }
  return HostAndPort{host, port};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  const auto number = text::parse_whole_number(text);
  return number && *number >= 1 && *number <= 65535 ? std::optional(static_cast<std::uint16_t>(*number))
                                                    : std::nullopt;
}

void read_address(const Field& field, ExternalService& service) {
  static constexpr std::string_view kExpected = "host:port, an IPv6 address in brackets";
  const auto address = split_host_port(field.text(kExpected));
  if (!address) {
    field.refuse(kExpected);
  }
  if (!IpAddress::parse(address->host) && !is_dns_name(address->host)) {
    field.refuse("an IP address or a DNS name before the port");
  }
  const auto port = parse_port(address->port);
  if (!port) {
    field.refuse("a port from 1 to 65535 after the host");
  }
  service.host = address->host;
  service.port = *port;
}

}  // namespace

ExternalService read_external_service(Meta meta, const Field& content) {
  ExternalService service{.meta = std::move(meta)};
  const Field tags = content["tags"];
  service.tags = read_service_tags(tags);
  const Field networking = content["networking"];
  read_address(networking["address"], service);
  service.has_host_name = !networking["disableHostDNSEntry"].flag();
  if (const Field name = tags[kServiceTag]; name.text() == service.host) {
    name.refuse("another name than the host of networking.address");
  }
  return service;
}

}  // namespace meshdns::kuma
