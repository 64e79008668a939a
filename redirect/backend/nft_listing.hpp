// What `nft list table` prints, taken apart. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshdns::redirect {

struct ListedRule {
  std::string chain;
  std::string text;  // without the values of its counter and without its comment
  std::string comment;
  std::uint64_t packets = 0;
};

// The line that hooks a chain in is a rule as well, with the comment `hook`.
std::vector<ListedRule> parse_nft_listing(std::string_view text);

}  // namespace meshdns::redirect
