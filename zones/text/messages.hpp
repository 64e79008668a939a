// What this room's errors and warnings are made of.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <meshdns/zone.hpp>

namespace meshdns::text {

// Control characters as `\x1b`: what resources say must not look like a line of ours, nor steer a terminal.
std::string one_line(std::string_view text);

// In single quotes, on one line, shortened when long.
std::string quote(std::string_view text);

// "unknown key 'record', did you mean 'records'?", or what there is to choose from if nothing is near.
std::string unknown_key(std::string_view key, std::span<const std::string_view> known);

// `file:line:column`
std::string location_text(const MeshZone& zone, ZoneLocation where);

// Adds a warning. A zone whose every name is at fault keeps only the first hundred.
void warn(MeshZone& zone, ZoneLocation where, std::string_view what);
void warn(MeshZone& zone, std::string_view what);

}  // namespace meshdns::text
