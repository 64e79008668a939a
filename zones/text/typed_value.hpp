// What a YAML tree must hold, and the fault where it holds something else. Everything here throws YamlFault.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "zones/text/yaml_file.hpp"

namespace meshdns::text {

// What a value is, for messages: "empty", "'a'", "text '1'" (it was quoted), "a list", "a map".
std::string found_text(const YamlNode& node);

// "WHAT is FOUND, expected EXPECTED", at the value.
[[noreturn]] void refuse(const YamlNode& node, std::string_view what, std::string_view expected);

void expect(YamlNode::Kind kind, const YamlNode& node, std::string_view what, std::string_view expected);

// A scalar that is one of `choices`.
const std::string& one_of(const YamlNode& node, std::string_view what,
                          std::span<const std::string_view> choices);

void refuse_unknown_keys(const YamlNode& map, std::span<const std::string_view> known);

// A member that must be there: "WHAT without 'key', expected EXPECTED".
const YamlNode& require(const YamlNode& map, std::string_view key, std::string_view what,
                        std::string_view expected);

// 1..max, in decimal digits without quotes.
std::uint32_t whole_number(const YamlNode& node, std::string_view what, std::uint32_t max);

// The same from text. A leading zero is refused: it means octal to some readers of YAML and nothing to JSON.
std::optional<std::uint32_t> parse_whole_number(std::string_view text);

// The booleans and numbers of YAML 1.1 that Go's YAML library knows. `y` and `n` are text.
std::optional<bool> parse_yaml_bool(std::string_view text);
bool is_yaml_number(std::string_view text);

template <class Value>
Value value_or_fault(const YamlNode& node, std::expected<Value, std::string> value) {
  if (!value) {
    throw YamlFault{node.at, std::move(value.error())};
  }
  return *std::move(value);
}

}  // namespace meshdns::text
