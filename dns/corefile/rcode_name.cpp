#include "dns/corefile/rcode_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

// Of two names for a code the first one is printed.
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 21> kNames{{
    {"NOERROR", 0},  {"FORMERR", 1},   {"SERVFAIL", 2},   {"NXDOMAIN", 3}, {"NOTIMP", 4},   {"NOTIMPL", 4},
    {"REFUSED", 5},  {"YXDOMAIN", 6},  {"YXRRSET", 7},    {"NXRRSET", 8},  {"NOTAUTH", 9},  {"NOTZONE", 10},
    {"BADVERS", 16}, {"BADSIG", 16},   {"BADKEY", 17},    {"BADTIME", 18}, {"BADMODE", 19}, {"BADNAME", 20},
    {"BADALG", 21},  {"BADTRUNC", 22}, {"BADCOOKIE", 23},
}};

}  // namespace

Result<std::uint16_t> parse_rcode(std::string_view name) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto* const row = std::ranges::find(kNames, upper, [](const auto& entry) { return entry.first; });
  if (row == kNames.end()) {
    return config_error(fmt::format("{} is not a valid rcode", name));
  }
  return row->second;
}

Result<std::vector<std::uint16_t>> parse_rcodes(const std::vector<Token>& words, std::size_t first) {
  std::vector<std::uint16_t> rcodes;
  for (std::size_t i = first; i < words.size(); ++i) {
    const auto rcode = parse_rcode(words[i].text);
    if (!rcode) {
      return std::unexpected(rcode.error());
    }
    rcodes.push_back(*rcode);
  }
  return rcodes;
}

std::string_view rcode_name(std::uint16_t rcode) {
  return std::ranges::find(kNames, rcode, [](const auto& entry) { return entry.second; })->first;
}

}  // namespace meshdns::corefile
