#include "zones/text/messages.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::text {
namespace {

constexpr std::size_t kMaxQuoted = 80;
constexpr std::size_t kMaxWarnings = 100;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Levenshtein distance, upper and lower case being equal.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replace = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replace, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string quote(std::string_view text) {
  const bool is_long = text.size() > kMaxQuoted;
  if (is_long) {
    std::size_t size = kMaxQuoted;
    while ((static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) {  // not inside a UTF-8 sequence
      --size;
    }
    text = text.substr(0, size);
  }
  std::string quoted = "'";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) {
      fmt::format_to(std::back_inserter(quoted), "\\x{:02x}", octet);
    } else {
      quoted += c;
    }
  }
  return quoted + (is_long ? "...'" : "'");
}

std::string unknown_key(std::string_view key, std::span<const std::string_view> known) {
  const auto distance = [key](std::string_view other) {
    const bool is_shortened = key.size() > 1 && other.starts_with(key);
    return is_shortened ? 0 : edit_distance(key.substr(0, kMaxQuoted), other);
  };
  const std::string_view nearest = *std::ranges::min_element(known, {}, distance);
  if (2 * distance(nearest) <= nearest.size()) {
    return fmt::format("unknown key {}, did you mean '{}'?", quote(key), nearest);
  }
  return fmt::format("unknown key {}, expected one of: {}", quote(key), fmt::join(known, ", "));
}

std::string location_text(const MeshZone& zone, ZoneLocation where) {
  return fmt::format("{}:{}:{}", zone.files[where.file], where.line, where.column);
}

void warn(MeshZone& zone, ZoneLocation where, std::string_view what) {
  if (zone.warnings.size() < kMaxWarnings) {
    zone.warnings.push_back(fmt::format("{}: {}", location_text(zone, where), what));
  } else if (zone.warnings.size() == kMaxWarnings) {
    zone.warnings.emplace_back("more warnings of the mesh zone are not shown");
  }
}

}  // namespace meshdns::text
