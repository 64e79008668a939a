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

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (octet < 0x20 || octet == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", octet);
    } else if (octet == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F in UTF-8
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", next);
      ++i;
    } else {
      line += text[i];
    }
  }
  return line;
}

std::string quote(std::string_view text) {
  const bool is_long = text.size() > kMaxQuoted;
  if (is_long) {
    std::size_t size = kMaxQuoted;
    while ((static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) {  // not inside a UTF-8 sequence
      --size;
    }
    text = text.substr(0, size);
  }
  return fmt::format("'{}{}'", one_line(text), is_long ? "..." : "");
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
  warn(zone, fmt::format("{}: {}", location_text(zone, where), what));
}

void warn(MeshZone& zone, std::string_view what) {
  if (zone.warnings.size() < kMaxWarnings) {
    zone.warnings.push_back(one_line(what));
  } else if (zone.warnings.size() == kMaxWarnings) {
    zone.warnings.emplace_back("more warnings of the mesh zone are not shown");
  }
}

}  // namespace meshdns::text
