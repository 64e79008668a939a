#include "redirect/options/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

constexpr PortRange kEveryPort{1, 65535};

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), number);
  return error == std::errc{} && stop == text.end() && !text.empty() ? std::optional(number) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// `a` or `a-b`
template <class Number>
Value<std::pair<Number, Number>> parse_range(std::string_view text, std::string_view type) {
  const std::size_t dash = text.find('-');
  std::array<Number, 2> ends{};
  const std::array<std::string_view, 2> words = {
      text.substr(0, dash), dash == std::string_view::npos ? text : text.substr(dash + 1)};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = whole_number<Number>(words[i]);
    if (!number) {
      return std::unexpected(fmt::format(
          "values or range '{}' failed validation: value '{}', is not valid {}", text, words[i], type));
    }
    ends[i] = *number;
  }
  if (ends[0] > ends[1]) {
    return std::unexpected(
        fmt::format("values or range '{}' failed validation: it ends before it starts", text));
  }
  return std::pair(ends[0], ends[1]);
}

Value<void> parse_protocols(std::string_view text, UidExclusion& exclusion) {
  if (text.empty() || text == "*") {
    return {};
  }
  exclusion.tcp = exclusion.udp = false;
  for (const std::string_view word : pieces(text, ',')) {
    if (word == "tcp") {
      exclusion.tcp = true;
    } else if (word == "udp") {
      exclusion.udp = true;
    } else {
      return std::unexpected(fmt::format("protocol '{}' is invalid or unsupported", word));
    }
  }
  return {};
}

Value<void> parse_port_ranges(std::string_view text, UidExclusion& exclusion) {
  if (text.empty() || text == "*") {
    exclusion.ports = {kEveryPort};
    return {};
  }
  for (const std::string_view word : pieces(text, ',')) {
    const auto range = parse_range<std::uint16_t>(word, "uint16");
    if (!range) {
      return std::unexpected(range.error());
    }
    if (range->first == 0) {
      return std::unexpected(fmt::format("values or range '{}' failed validation: ports start at 1", word));
    }
    exclusion.ports.push_back({range->first, range->second});
  }
  return {};
}

}  // namespace

std::vector<std::string_view> pieces(std::string_view text, char separator) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const std::string_view piece = trimmed(text.substr(0, end)); !piece.empty()) {
      found.push_back(piece);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

Value<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) {
    return true;
  }
  if (std::ranges::find(kFalse, text) != kFalse.end()) {
    return false;
  }
  return std::unexpected(fmt::format("'{}' is not true or false", text));
}

Value<unsigned> parse_unsigned(std::string_view text) {
  if (const auto number = whole_number<unsigned>(text)) {
    return *number;
  }
  return std::unexpected(fmt::format("'{}' is not a whole number", text));
}

Value<std::uint16_t> parse_port(std::string_view text) {
  const auto number = whole_number<std::uint16_t>(trimmed(text));
  if (!number || *number == 0) {
    return std::unexpected(fmt::format("'{}' is not a port, expected 1 to 65535", text));
  }
  return *number;
}

Value<std::vector<std::uint16_t>> parse_ports(std::string_view text) {
  std::vector<std::uint16_t> ports;
  for (const std::string_view word : pieces(text, ',')) {
    const auto port = parse_port(word);
    if (!port) {
      return std::unexpected(port.error());
    }
    ports.push_back(*port);
  }
  return ports;
}

Value<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 6> kUnits = {
      {{"ms", 1}, {"us", 1e-3}, {"ns", 1e-6}, {"h", 3.6e6}, {"m", 6e4}, {"s", 1e3}}};
  const auto fault = [&] {
    return std::unexpected(fmt::format("'{}' is not a duration, expected for example 2s or 500ms", text));
  };
  double sum = 0;
  std::string_view rest = text;
  while (!rest.empty() && rest != "0") {
    double number = 0;
    const auto [stop, error] = std::from_chars(rest.begin(), rest.end(), number, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(number) || number < 0) {
      return fault();
    }
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.begin()));
    const auto unit = std::ranges::find_if(
        kUnits, [&](const auto& candidate) { return rest.starts_with(candidate.first); });
    if (unit == kUnits.end()) {
      return fault();
    }
    sum += number * unit->second;
    rest.remove_prefix(unit->first.size());
  }
  constexpr double kLongest = 24 * 3.6e6;
  return text.empty() || sum > kLongest ? Value<std::chrono::milliseconds>(fault())
                                        : std::chrono::milliseconds(std::llround(sum));
}

Value<std::vector<IpNetwork>> parse_networks(std::string_view text) {
  std::vector<IpNetwork> networks;
  for (const std::string_view word : pieces(text, ',')) {
    const auto network = IpNetwork::parse(word);
    if (!network) {
      return std::unexpected(
          fmt::format("'{}' is not an address, expected for example 10.0.0.1 or fd00::/8", word));
    }
    networks.push_back(*network);
  }
  return networks;
}

Value<VirtualNetwork> parse_virtual_network(std::string_view text) {
  // The first colon: an IPv6 network has more of them.
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::unexpected(fmt::format("invalid virtual network definition: {}", text));
  }
  constexpr std::size_t kLongestName = 15;
  const std::string_view interface = text.substr(0, colon);
  if (interface.size() > kLongestName || interface.find_first_of("\"/* \t\n\\") != std::string_view::npos) {
    return std::unexpected(fmt::format("'{}' cannot be the name of an interface", interface));
  }
  const auto network = IpNetwork::parse(text.substr(colon + 1));
  if (!network || !network->prefix) {
    return std::unexpected(fmt::format("invalid CIDR definition for {}", text.substr(colon + 1)));
  }
  return VirtualNetwork{std::string(interface), *network};
}

Value<UidExclusion> parse_uid_exclusion(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = text;;) {
    const std::size_t colon = rest.find(':');
    parts.push_back(rest.substr(0, colon));
    if (colon == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(colon + 1);
  }
  if (parts.size() > 3) {
    return std::unexpected(fmt::format("invalid format '{}', expected [protocol:][ports:]uids", text));
  }
  const std::string_view uids = parts.back();
  if (uids == "*" || uids.empty()) {
    return std::unexpected("can't use wildcard '*' for uids");
  }
  if (uids.contains(',')) {
    return std::unexpected(
        fmt::format("uid entry invalid:'{}', it should either be a single item or a range", uids));
  }
  UidExclusion exclusion;
  if (const auto protocols = parse_protocols(parts.size() == 3 ? parts[0] : "", exclusion); !protocols) {
    return std::unexpected(protocols.error());
  }
  if (const auto ports = parse_port_ranges(parts.size() > 1 ? parts[parts.size() - 2] : "", exclusion);
      !ports) {
    return std::unexpected(ports.error());
  }
  const auto range = parse_range<std::uint32_t>(uids, "uint32");
  if (!range) {
    return std::unexpected(range.error());
  }
  exclusion.uids = {range->first, range->second};
  return exclusion;
}

namespace {

constexpr std::array<std::string_view, 6> kPrograms = {"iptables",  "iptables-save",  "iptables-restore",
                                                       "ip6tables", "ip6tables-save", "ip6tables-restore"};

}  // namespace

Value<std::map<std::string, std::string>> parse_executables(std::string_view text) {
  std::map<std::string, std::string> executables;
  for (const std::string_view word : pieces(text, ',')) {
    const std::size_t colon = word.find(':');
    const std::string_view name = word.substr(0, colon);
    if (colon == std::string_view::npos || std::ranges::find(kPrograms, name) == kPrograms.end()) {
      return std::unexpected(fmt::format("invalid format '{}', expected name:path with one of the names {}",
                                         word, fmt::join(kPrograms, ", ")));
    }
    executables[std::string(name)] = word.substr(colon + 1);
  }
  return executables;
}

Value<void> check_executables(const std::map<std::string, std::string>& executables) {
  for (const std::size_t start : {std::size_t{0}, kPrograms.size() / 2}) {
    std::vector<std::string_view> missing;
    for (std::size_t i = start; i < start + kPrograms.size() / 2; ++i) {
      const auto named = executables.find(std::string(kPrograms[i]));
      if (named == executables.end() || named->second.empty()) {
        missing.push_back(kPrograms[i]);
      }
    }
    if (!missing.empty() && missing.size() < kPrograms.size() / 2) {
      return std::unexpected(
          fmt::format("the paths of all three {} programs are needed or of none, missing: {}",
                      kPrograms[start], fmt::join(missing, ", ")));
    }
  }
  return {};
}

}  // namespace meshdns::redirect
