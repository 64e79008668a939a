// parse_command_line(): argv to what the program is asked to do. Pure: reads nothing else, prints nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/log_sink.hpp>

#include "dns/app/go_flags.hpp"
#include "dns/app/zone_command_line.hpp"

namespace meshdns::app {

inline constexpr std::uint16_t kDefaultPort = 53;             // of a Corefile's zones that name none
inline constexpr std::uint16_t kBuiltinCorefilePort = 15053;  // where kuma-dp expects it

enum class Action : std::uint8_t { Serve, Check, Explain, Zone, ShowVersion, ShowPlugins };

struct CommandLine {
  Action action = Action::Serve;
  std::string conf;  // empty: not given
  std::optional<std::uint16_t> dns_port;
  std::string pid_file;
  bool quiet = false;
  std::optional<LogLevel> log_level;

  // Shorthands; each replaces its part of the built-in Corefile.
  std::vector<std::string> zones;
  std::vector<SocketAddress> listen;
  std::vector<SocketAddress> upstreams;

  std::string name;  // `explain`
  std::string type;

  ZoneCommandLine zone;  // `zone`

  bool has_shorthands() const { return !zones.empty() || !listen.empty() || !upstreams.empty(); }
};

// `arguments` without the program's name.
std::expected<CommandLine, EarlyExit> parse_command_line(std::span<const char* const> arguments);

std::optional<LogLevel> parse_log_level(std::string_view text);

}  // namespace meshdns::app
