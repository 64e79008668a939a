#include "zones/text/typed_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "zones/text/messages.hpp"

namespace meshdns::text {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kDigits = "0123456789";

bool take_digits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of(kDigits), text.size());
  text.remove_prefix(end);
  return end != 0;
}

bool is_decimal_number(std::string_view text) {
  bool has_digits = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    has_digits = take_digits(text) || has_digits;
  }
  if (has_digits && (text.starts_with('e') || text.starts_with('E'))) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) {
      text.remove_prefix(1);
    }
    return take_digits(text) && text.empty();
  }
  return has_digits && text.empty();
}

}  // namespace

std::string found_text(const YamlNode& node) {
  switch (node.kind) {
    case Kind::Nothing:
      return "empty";
    case Kind::Scalar:
      return (node.quoted ? "text " : "") + quote(node.text);
    case Kind::List:
      return "a list";
    case Kind::Map:
      return "a map";
  }
  return {};
}

void refuse(const YamlNode& node, std::string_view what, std::string_view expected) {
  throw YamlFault{node.at, fmt::format("{} is {}, expected {}", what, found_text(node), expected)};
}

void expect(Kind kind, const YamlNode& node, std::string_view what, std::string_view expected) {
  if (node.kind != kind) {
    refuse(node, what, expected);
  }
}

const std::string& one_of(const YamlNode& node, std::string_view what,
                          std::span<const std::string_view> choices) {
  if (node.kind != Kind::Scalar || std::ranges::find(choices, node.text) == choices.end()) {
    refuse(node, what, fmt::format("one of: {}", fmt::join(choices, ", ")));
  }
  return node.text;
}

void refuse_unknown_keys(const YamlNode& map, std::span<const std::string_view> known) {
  for (const YamlNode& member : map.children) {
    if (std::ranges::find(known, member.key) == known.end()) {
      throw YamlFault{member.key_at, unknown_key(member.key, known)};
    }
  }
}

const YamlNode& require(const YamlNode& map, std::string_view key, std::string_view what,
                        std::string_view expected) {
  const YamlNode* member = map.find(key);
  if (member == nullptr) {
    throw YamlFault{map.at, fmt::format("{} without '{}', expected {}", what, key, expected)};
  }
  return *member;
}

std::uint32_t whole_number(const YamlNode& node, std::string_view what, std::uint32_t max) {
  const auto value = parse_whole_number(node.text);
  if (node.kind != Kind::Scalar || node.quoted || !value || *value < 1 || *value > max) {
    refuse(node, what, fmt::format("a whole number from 1 to {}", max));
  }
  return *value;
}

std::optional<std::uint32_t> parse_whole_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc{} || stop != text.end() || (text.size() > 1 && text.starts_with('0'))) {
    return std::nullopt;
  }
  return value;
}

std::optional<bool> parse_yaml_bool(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kTrue{"true", "True", "TRUE", "yes", "Yes",
                                                         "YES",  "on",   "On",   "ON"};
  static constexpr std::array<std::string_view, 9> kFalse{"false", "False", "FALSE", "no", "No",
                                                          "NO",    "off",   "Off",   "OFF"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) {
    return true;
  }
  return std::ranges::find(kFalse, text) != kFalse.end() ? std::optional(false) : std::nullopt;
}

bool is_yaml_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const auto is_prefixed = [&](std::string_view prefix, std::string_view digits) {
    return text.size() > prefix.size() && text.starts_with(prefix) &&
           text.find_first_not_of(digits, prefix.size()) == std::string_view::npos;
  };
  return is_decimal_number(text) || is_prefixed("0x", "0123456789abcdefABCDEF_") ||
         is_prefixed("0o", "01234567_") || is_prefixed("0b", "01_") || text == ".inf" || text == ".Inf" ||
         text == ".INF" || text == ".nan" || text == ".NaN" || text == ".NAN";
}

}  // namespace meshdns::text
