#include "redirect/backend/nft_listing.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

namespace meshdns::redirect {
namespace {

constexpr std::string_view kComment = " comment \"";
constexpr std::string_view kPackets = "counter packets ";

ListedRule parse_rule(std::string_view line, const std::string& chain) {
  ListedRule rule{.chain = chain, .text = std::string(line)};
  if (const std::size_t start = rule.text.rfind(kComment); start != std::string::npos) {
    rule.comment = rule.text.substr(start + kComment.size());
    rule.comment.resize(std::min(rule.comment.find('"'), rule.comment.size()));
    rule.text.resize(start);
  }
  if (const std::size_t start = rule.text.find(kPackets); start != std::string::npos) {
    const char* const digits = rule.text.data() + start + kPackets.size();
    std::from_chars(digits, rule.text.data() + rule.text.size(), rule.packets);
    // `counter packets N bytes M`: five words, of which the first one stays.
    std::size_t end = start;
    for (int words = 0; words < 5; ++words) {
      end = std::min(rule.text.find(' ', end + 1), rule.text.size());
    }
    rule.text.replace(start, end - start, "counter");
  }
  return rule;
}

}  // namespace

std::vector<ListedRule> parse_nft_listing(std::string_view text) {
  std::vector<ListedRule> rules;
  std::string chain;
  for (const auto part : std::views::split(text, '\n')) {
    std::string_view line(part.begin(), part.end());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.starts_with("chain ") && line.ends_with(" {")) {
      chain = line.substr(6, line.size() - 8);
    } else if (line.starts_with("type ")) {
      rules.push_back({.chain = chain, .text = std::string(line), .comment = "hook"});
    } else if (!line.empty() && line != "}" && !line.starts_with("table ")) {
      rules.push_back(parse_rule(line, chain));
    }
  }
  return rules;
}

}  // namespace meshdns::redirect
