#include "redirect/record.hpp"

#include <ranges>

#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

constexpr std::string_view kBackend = "# backend ";
constexpr std::string_view kCreated = "# created ";
constexpr std::string_view kNftables = "### nftables ###";
constexpr std::string_view kIpv4 = "### IPv4 ###";
constexpr std::string_view kIpv6 = "### IPv6 ###";

}  // namespace

std::string Record::to_text() const {
  std::string text = fmt::format("{}{}\n", kBackend, backend);
  for (const std::string& table : created_tables) {
    text += fmt::format("{}{}\n", kCreated, table);
  }
  for (const auto& [heading, part] : {std::pair{kNftables, &nftables}, {kIpv4, &ipv4}, {kIpv6, &ipv6}}) {
    if (!part->empty()) {
      text += fmt::format("{}\n{}{}", heading, *part, part->ends_with('\n') ? "" : "\n");
    }
  }
  return text;
}

Record Record::from_text(std::string_view text) {
  Record record;
  std::string* part = nullptr;
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  for (const auto piece : std::views::split(text, '\n')) {
    const std::string_view line(piece.begin(), piece.end());
    if (line == kNftables) {
      part = &record.nftables;
    } else if (line == kIpv4) {
      part = &record.ipv4;
    } else if (line == kIpv6) {
      part = &record.ipv6;
    } else if (part != nullptr) {
      *part += std::string(line) + '\n';
    } else if (line.starts_with(kBackend)) {
      record.backend = line.substr(kBackend.size());
    } else if (line.starts_with(kCreated)) {
      record.created_tables.emplace_back(line.substr(kCreated.size()));
    }
  }
  return record;
}

}  // namespace meshdns::redirect
