#include "dns/plugin/weight_table.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include <meshdns/domain_name.hpp>

#include "dns/plugin/read_file.hpp"

namespace meshdns::plugin {
namespace {

constexpr unsigned kMaxWeight = 255;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

// 0: it is none.
unsigned weight_of(const std::string& word) {
  unsigned weight = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), weight);
  return failed != std::errc() || end != word.data() + word.size() || weight > kMaxWeight ? 0 : weight;
}

}  // namespace

Result<WeightTable> WeightTable::parse(std::string_view text, const std::string& file) {
  WeightTable table;
  std::map<IpAddress, unsigned>* current = nullptr;
  std::istringstream lines{std::string(text)};
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto fault = [&](const std::string& what) {
      return fail(Errc::InvalidConfig, fmt::format("plugin/loadbalance: {}:{}: {}", file, number, what));
    };
    const std::vector<std::string> words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) {
      continue;
    }
    const auto address = IpAddress::parse(words[0]);
    if (words.size() == 1) {
      if (address) {
        return fault(fmt::format("'{}' has no weight, expected ADDRESS WEIGHT", words[0]));
      }
      const auto name = DomainName::parse(words[0]);
      if (!name) {
        return fault(fmt::format("invalid name '{}': {}", words[0], name.error()));
      }
      current = &table.weights_[std::string(name_key(name->wire()))];
      continue;
    }
    const unsigned weight = weight_of(words[1]);
    if (words.size() > 2 || !address) {
      return fault(fmt::format("'{}' is neither a name nor ADDRESS WEIGHT", words[0] + ' ' + words[1]));
    }
    if (weight == 0) {
      return fault(fmt::format("invalid weight '{}', expected 1..{}", words[1], kMaxWeight));
    }
    if (current == nullptr) {
      return fault(fmt::format("'{}' stands in front of the first name", words[0]));
    }
    current->emplace(*address, weight);  // of several lines the first one counts
  }
  return table;
}

Result<WeightTable> WeightTable::read(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    return fail(text.error().code, "plugin/loadbalance: " + text.error().what);
  }
  return parse(*text, path);
}

unsigned WeightTable::weight(std::span<const std::uint8_t> folded_name, const IpAddress& address) const {
  const auto name = weights_.find(name_key(folded_name));
  if (name == weights_.end()) {
    return 1;
  }
  const auto found = name->second.find(address);
  return found == name->second.end() ? 1 : found->second;
}

}  // namespace meshdns::plugin
