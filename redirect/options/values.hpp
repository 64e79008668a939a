// Values as flags, environment and documents write them. Errors say what is wrong with the text, in kumactl's
// words where it has some; the caller says where it stands.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/redirect.hpp>

namespace meshdns::redirect {

template <class T>
using Value = std::expected<T, std::string>;

Value<bool> parse_bool(std::string_view text);  // as Go's strconv.ParseBool
Value<unsigned> parse_unsigned(std::string_view text);
Value<std::uint16_t> parse_port(std::string_view text);
Value<std::vector<std::uint16_t>> parse_ports(std::string_view text);    // `80,443`; may be empty
Value<std::chrono::milliseconds> parse_duration(std::string_view text);  // as Go: `2s`, `1m30s`, `500ms`
Value<std::vector<IpNetwork>> parse_networks(std::string_view text);     // `10.0.0.0/8,fd00::1`
Value<VirtualNetwork> parse_virtual_network(std::string_view text);      // `br+:172.18.0.0/16`
Value<UidExclusion> parse_uid_exclusion(std::string_view text);          // `[proto:][ports:]uids`
Value<std::map<std::string, std::string>> parse_executables(std::string_view text);  // `name:path,...`

// A family of iptables programs is named as a whole or not at all.
Value<void> check_executables(const std::map<std::string, std::string>& executables);

// The pieces between separators, blanks around them removed, empty ones left out.
std::vector<std::string_view> pieces(std::string_view text, char separator);

}  // namespace meshdns::redirect
