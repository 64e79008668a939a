#include "zones/text/zone_text.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "zones/text/messages.hpp"

namespace meshdns::text {
namespace {

constexpr std::size_t kMaxPortName = 62;  // a label less its underscore

std::unexpected<std::string> invalid(std::string_view kind, std::string_view text, std::string_view problem) {
  return std::unexpected(fmt::format("invalid {} {}: {}", kind, quote(text), problem));
}

bool has_wildcard_label(const DomainName& name) {
  const auto wire = name.wire();
  for (std::size_t at = 0; wire[at] != 0; at += 1U + wire[at]) {
    if (wire[at] == 1 && wire[at + 1] == '*') {
      return true;
    }
  }
  return false;
}

std::string without_leading_zeros(std::string_view dotted) {
  std::string result;
  for (const auto part : std::views::split(dotted, '.')) {
    const std::string_view octet(part);
    const std::size_t zeros = octet.find_first_not_of('0');
    result += zeros == std::string_view::npos ? octet.substr(0, 1) : octet.substr(zeros);
    result += '.';
  }
  if (!result.empty()) {
    result.pop_back();
  }
  return result;
}

std::string address_problem(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (text.contains('/')) {
    return "a range of addresses, expected a single address";
  }
  if (text.starts_with('[')) {
    return "brackets, expected the address without them";
  }
  if (text.contains('%')) {
    return "an interface, expected the address without it";
  }
  if (colon != std::string_view::npos && IpAddress::parse(text.substr(0, colon)) &&
      text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos) {
    return "a port, expected the address alone; ports go into 'ports'";
  }
  if (const std::string plain = without_leading_zeros(text); plain != text && IpAddress::parse(plain)) {
    return fmt::format("leading zeros, expected {}", plain);
  }
  return "expected an IPv4 or IPv6 address";
}

}  // namespace

Parsed<DomainName> parse_record_name(std::string_view text) {
  auto name = DomainName::parse(text);
  if (!name) {
    return invalid("name", text, name.error());
  }
  if (name->is_root()) {
    return invalid("name", text, "the root, expected a name below it");
  }
  if (has_wildcard_label(name->is_wildcard() ? name->parent() : *name)) {
    return invalid("name", text, "'*' as a later label, expected it as the first one only");
  }
  if (name->is_wildcard() && name->label_count() == 1) {
    return invalid("name", text, "a wildcard for every name, expected a suffix after '*.'");
  }
  return *std::move(name);
}

Parsed<DomainName> parse_suffix(std::string_view text) {
  auto suffix = DomainName::parse(text);
  if (!suffix) {
    return invalid("suffix", text, suffix.error());
  }
  if (has_wildcard_label(*suffix)) {
    return invalid("suffix", text, "a wildcard, expected the suffix alone: it stands for all names below it");
  }
  return *std::move(suffix);
}

Parsed<IpAddress> parse_record_address(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) {
    return *address;
  }
  return invalid("address", text, address_problem(text));
}

Parsed<std::string> parse_port_name(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (text.empty() || text.size() > kMaxPortName || !std::ranges::all_of(text, is_allowed)) {
    return invalid("port name", text,
                   fmt::format("expected 1 to {} letters, digits, '-' or '_'", kMaxPortName));
  }
  return std::string(text);
}

}  // namespace meshdns::text
