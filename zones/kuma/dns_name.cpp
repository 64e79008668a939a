#include "zones/kuma/dns_name.hpp"

#include <algorithm>
#include <ranges>

#include <meshdns/address.hpp>

namespace meshdns::kuma {
namespace {

constexpr std::size_t kMaxLabel = 63;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_digit_or_underscore(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

bool is_loose_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter_digit_or_underscore(c) || c == '-'; });
}

bool is_rfc1123_label(std::string_view label) {
  const auto is_alphanumeric = [](char c) { return is_lower(c) || is_digit(c); };
  return !label.empty() && is_alphanumeric(label.front()) && is_alphanumeric(label.back()) &&
         std::ranges::all_of(label, [&](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool every_label(std::string_view text, bool (*is_valid)(std::string_view)) {
  return !text.empty() && std::ranges::all_of(std::views::split(text, '.'),
                                              [&](auto label) { return is_valid(std::string_view(label)); });
}

}  // namespace

bool is_dns_name(std::string_view text) {
  const auto dots = static_cast<std::size_t>(std::ranges::count(text, '.'));
  if (text.size() - dots > 255 || IpAddress::parse(text)) {
    return false;
  }
  if (every_label(text, is_loose_label)) {
    return true;
  }
  // The final `_` may be the 64th octet of its label.
  const bool has_final = text.ends_with('.') || text.ends_with('_');
  return has_final && every_label(text.substr(0, text.size() - 1), is_loose_label);
}

bool is_rfc1123_subdomain(std::string_view text) {
  return text.size() <= 253 && every_label(text, is_rfc1123_label);
}

bool is_rfc1035_label(std::string_view text) {
  return text.size() <= kMaxLabel && !text.empty() && is_lower(text.front()) && is_rfc1123_label(text);
}

}  // namespace meshdns::kuma
