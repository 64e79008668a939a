#include "dns/corefile/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace meshdns::corefile {
namespace {

// In milliseconds. A unit stands before those that its name begins with.
constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{{{"ns", 1e-6},
                                                                     {"us", 1e-3},
                                                                     {"µs", 1e-3},  // U+00B5
                                                                     {"μs", 1e-3},  // U+03BC
                                                                     {"ms", 1},
                                                                     {"s", 1e3},
                                                                     {"m", 60e3},
                                                                     {"h", 3600e3}}};
constexpr double kMax = 100.0 * 365 * 24 * 3600e3;

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") {
    return std::chrono::milliseconds(0);
  }
  double total = 0;
  bool has_part = false;
  while (!text.empty()) {
    double number = 0;
    const auto [end, failed] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const bool is_number = text.front() == '.' || (text.front() >= '0' && text.front() <= '9');
    if (failed != std::errc() || !is_number) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* const unit =
        std::ranges::find_if(kUnits, [&](const auto& row) { return text.starts_with(row.first); });
    if (unit == kUnits.end()) {
      return std::nullopt;
    }
    text.remove_prefix(unit->first.size());
    total += number * unit->second;
    has_part = true;
  }
  if (!has_part || total > kMax) {
    return std::nullopt;
  }
  // 0.1 s is a little less than 100 ms in binary.
  return std::chrono::milliseconds(static_cast<std::int64_t>(total + 1e-6));
}

}  // namespace meshdns::corefile
