#include "zones/kuma/read_tags.hpp"

#include <algorithm>

namespace meshdns::kuma {
namespace {

bool is_tag_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == ':';
}

bool is_tag_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_tag_character);
}

bool is_selector_value(std::string_view text) {
  return text == "*" || is_tag_name(text);
}

Tags read_checked(const Field& field, bool (*is_value)(std::string_view), std::string_view expected) {
  Tags tags = field.texts();
  for (const Field& member : field.members()) {
    if (!is_tag_name(member.key())) {
      member.fault("invalid tag name, expected letters, digits or any of .-_:/");
    }
    if (!is_value(member.text())) {
      member.refuse(expected);
    }
  }
  return tags;
}

}  // namespace

bool is_tag_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_tag_character(c) || c == '/'; });
}

Tags read_tags(const Field& field) {
  return read_checked(field, is_tag_value, "letters, digits or any of .-_:");
}

Tags read_service_tags(const Field& field) {
  field[kServiceTag].require("the name of a service");
  return read_tags(field);
}

std::vector<Tags> read_selectors(const Field& field) {
  std::vector<Tags> selectors;
  for (const Field& item : field.items()) {
    const Field match = item["match"];
    selectors.push_back(read_checked(match, is_selector_value, "'*', or letters, digits or any of .-_:/"));
    match.require("at least one tag");
    if (selectors.back().empty()) {
      match.fault("no tag, expected at least one");
    }
  }
  if (selectors.empty()) {
    field.refuse("at least one selector");
  }
  return selectors;
}

}  // namespace meshdns::kuma
