#include "redirect/backend/iptables_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <ranges>
#include <utility>

#include <meshdns/redirect.hpp>

namespace meshdns::redirect {
namespace {

// One token; blanks inside of quotes belong to it.
std::vector<std::string> tokens(std::string_view line) {
  std::vector<std::string> found;
  std::string token;
  bool is_quoted = false;
  bool is_open = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char letter = line[i];
    if (letter == '\\' && is_quoted && i + 1 < line.size()) {
      token += line[++i];
    } else if (letter == '"') {
      is_quoted = !is_quoted;
      is_open = true;
    } else if (letter == ' ' && !is_quoted) {
      if (is_open) {
        found.push_back(std::exchange(token, ""));
      }
      is_open = false;
    } else {
      token += letter;
      is_open = true;
    }
  }
  if (is_open) {
    found.push_back(token);
  }
  return found;
}

std::string_view brief_name(std::string_view option) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kNames = {{
      {"--append", "-A"},
      {"--insert", "-I"},
      {"--new-chain", "-N"},
      {"--protocol", "-p"},
      {"--match", "-m"},
      {"--source", "-s"},
      {"--destination", "-d"},
      {"--in-interface", "-i"},
      {"--out-interface", "-o"},
      {"--jump", "-j"},
      {"--source-port", "--sport"},
      {"--destination-port", "--dport"},
      {"--dports", "--dport"},
      {"--sports", "--sport"},
  }};
  const auto* const found =
      std::ranges::find(kNames, option, &std::pair<std::string_view, std::string_view>::first);
  return found == kNames.end() ? option : found->second;
}

// With zeros behind the prefix.
std::string canonical_network(const std::string& text) {
  auto network = IpNetwork::parse(text);
  if (!network) {
    return text;
  }
  const unsigned bits = network->address.is_v6 ? 128 : 32;
  const unsigned prefix = network->prefix.value_or(static_cast<std::uint8_t>(bits));
  for (unsigned i = 0; i < bits / 8; ++i) {
    const unsigned kept = std::clamp(prefix, 8 * i, 8 * i + 8) - 8 * i;
    network->address.octets[i] = static_cast<std::uint8_t>(network->address.octets[i] & (0xff00U >> kept));
  }
  network->prefix = static_cast<std::uint8_t>(prefix);
  return network->to_string();
}

// The spec of `rule` as sorted options, modules left out: they are there for an option or change nothing.
void describe(IptablesRule& rule, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size();) {
    const bool is_negated = words[i] == "!";
    i += is_negated ? 1 : 0;
    if (i >= words.size()) {
      break;
    }
    const std::string name(brief_name(words[i++]));
    std::string value;
    while (i < words.size() && words[i] != "!" && !words[i].starts_with('-')) {
      value += (value.empty() ? "" : " ") + words[i++];
    }
    if (name == "--comment") {
      rule.comment = value;
    } else if (name != "-m") {
      if (name == "-j" || name == "-g") {
        rule.target = value;
      }
      rule.options.push_back((is_negated ? "! " : "") + name + ' ' +
                             (name == "-s" || name == "-d" ? canonical_network(value) : value));
    }
  }
  std::ranges::sort(rule.options);
  for (const std::string& option : rule.options) {
    rule.canonical += (rule.canonical.empty() ? "" : " ") + option;
  }
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// Behind the command, the chain and the position.
std::string rest_of(std::string_view line, bool has_position) {
  for (int words = has_position ? 3 : 2; words > 0; --words) {
    line.remove_prefix(std::min(line.find(' '), line.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  }
  return std::string(line);
}

}  // namespace

IptablesRules parse_iptables(std::string_view text) {
  IptablesRules found;
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  std::string table;
  for (const auto part : std::views::split(text, '\n')) {
    std::string_view line(part.begin(), part.end());
    // `[packets:octets] -A ...`
    std::uint64_t packets = 0;
    if (const std::size_t end = line.find("] "); line.starts_with('[') && end != std::string_view::npos) {
      std::from_chars(line.data() + 1, line.data() + end, packets);
      line.remove_prefix(end + 2);
    }
    const std::vector<std::string> words = tokens(line);
    if (words.empty() || words[0].starts_with('#')) {
      continue;
    }
    const std::string command(brief_name(words[0]));
    if (command == "*" && words.size() > 1) {
      table = words[1];
    } else if (command.starts_with('*')) {
      table = command.substr(1);
    } else if (command.starts_with(':')) {
      // The policy of a chain that somebody made is `-`.
      if (words.size() > 1 && words[1] == "-") {
        found.chains.push_back({table, command.substr(1)});
      }
    } else if (command == "-N" && words.size() > 1) {
      found.chains.push_back({table, words[1]});
    } else if ((command == "-A" || command == "-I") && words.size() > 1) {
      IptablesRule rule{.table = table,
                        .chain = words[1],
                        .at_head = command == "-I",
                        .number = ++counts[{table, words[1]}],
                        .packets = packets};
      const bool has_position = rule.at_head && words.size() > 2 && is_number(words[2]);
      rule.spec = rest_of(line, has_position);
      describe(rule, {words.begin() + (has_position ? 3 : 2), words.end()});
      found.rules.push_back(std::move(rule));
    }
  }
  return found;
}

std::vector<IptablesRule> in_order(const std::vector<IptablesRule>& rules) {
  std::vector<IptablesRule> ordered = rules;
  std::ranges::stable_partition(ordered, &IptablesRule::at_head);
  return ordered;
}

}  // namespace meshdns::redirect
