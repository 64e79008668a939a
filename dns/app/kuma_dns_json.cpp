#include "dns/app/kuma_dns_json.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace meshdns::app {
namespace {

constexpr std::uint32_t kKumaTtlSeconds = 30;

// Go escapes what could end a script in a web page, too.
std::string go_string(std::string_view text) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
    constexpr std::string_view kShortNames = "\"\\bfnrt";
    if (const auto index = kShort.find(c); index != std::string_view::npos) {
      result.append({'\\', kShortNames[index]});
    } else if (static_cast<unsigned char>(c) < ' ' || c == '<' || c == '>' || c == '&') {
      fmt::format_to(std::back_inserter(result), "\\u{:04x}", c);
    } else if (text.substr(i, 3) == "\u2028" || text.substr(i, 3) == "\u2029") {
      result += text[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      result += c;
    }
  }
  return result + '"';
}

// Go never writes the dotted form of an IPv6 address, and inet_ntop does for mapped ones.
std::string go_address(const IpAddress& address) {
  std::string text = address.to_string();
  if (!address.is_v6 || !text.contains('.')) {
    return text;
  }
  const auto group = [&](std::size_t at) { return address.octets[at] << 8U | address.octets[at + 1]; };
  return fmt::format("{}{:x}:{:x}", text.substr(0, text.rfind(':') + 1), group(12), group(14));
}

// Kuma does not fold names, and sorts them by their octets.
std::map<std::string, std::span<const IpAddress>> addresses_as_published(const MeshZone& zone) {
  std::map<std::string, std::span<const IpAddress>> published;
  for (const auto& [name, addresses] : zone.only_published) {
    published.emplace(name, addresses);
  }
  for (const ZoneRecord& record : zone.records) {
    published.insert_or_assign(zone.spelling_of(record.name), record.addresses);
  }
  return published;
}

}  // namespace

std::string kuma_dns_json(const MeshZone& zone) {
  std::string text = "{\"records\":[";
  auto out = std::back_inserter(text);
  std::string_view comma;
  for (const auto& [name, addresses] : addresses_as_published(zone)) {
    fmt::format_to(out, "{}{{\"name\":{},\"ips\":[", std::exchange(comma, ","), go_string(name));
    std::string_view inner_comma;
    for (const IpAddress& address : addresses) {
      fmt::format_to(out, "{}\"{}\"", std::exchange(inner_comma, ","), go_address(address));
    }
    text += "]}";
  }
  const auto shortest = std::ranges::min_element(zone.records, {}, &ZoneRecord::ttl_seconds);
  fmt::format_to(out, "],\"ttl\":{}",
                 shortest == zone.records.end() ? kKumaTtlSeconds : shortest->ttl_seconds);
  std::string_view separator = ",\"extraLabels\":{";
  for (const auto& [key, value] : zone.extra_labels) {
    fmt::format_to(out, "{}{}:{}", std::exchange(separator, ","), go_string(key), go_string(value));
  }
  return text + (zone.extra_labels.empty() ? "}" : "}}");
}

}  // namespace meshdns::app
