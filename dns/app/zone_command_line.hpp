// parse_zone_command_line(): the words after `meshdns zone` to what is asked for. Pure: reads nothing else,
// prints nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include <meshdns/zone_file.hpp>

#include "dns/app/go_flags.hpp"

namespace meshdns::app {

enum class ZoneAction : std::uint8_t { Show, Diff, Vips };
enum class ZoneOutput : std::uint8_t { Table, Json, Yaml, DnsJson };

inline constexpr std::string_view kStandardInput = "-";

struct ZoneCommandLine {
  ZoneAction action = ZoneAction::Show;
  ZoneOutput output = ZoneOutput::Table;
  std::string conf;   // as for the other commands; used when no path is given
  ZoneSource source;  // Diff: exactly two paths, old and new
};

std::expected<ZoneCommandLine, EarlyExit> parse_zone_command_line(std::span<const char* const> arguments);

}  // namespace meshdns::app
