#include "dns/plugin/hosts_table.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace meshdns::plugin {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

// Takes the next word off `line`; empty: there is none.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

// False: it is there already.
bool add_once(std::vector<HostsTable::Entry>& list, const IpAddress& address, std::uint32_t line) {
  const bool is_new = std::ranges::find(list, address, &HostsTable::Entry::address) == list.end();
  if (is_new) {
    list.push_back({address, line});
  }
  return is_new;
}

}  // namespace

void HostsTable::add_lines(std::string_view text, const OptionLocation& where) {
  texts_.push_back({lines_, where});
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    add_line(line.substr(0, line.find('#')));
    ++lines_;
  }
}

// A scope behind an address (`fe80::1%lo0`) means nothing to others.
void HostsTable::add_line(std::string_view line) {
  const std::string_view word = take_word(line);
  const auto address = IpAddress::parse(word.substr(0, word.find('%')));
  if (!address) {
    return;
  }
  for (std::string_view text = take_word(line); !text.empty(); text = take_word(line)) {
    const auto name = DomainName::parse(text);
    if (!name) {
      continue;
    }
    Addresses& addresses = addresses_[std::string(name_key(name->wire()))];
    // An address may have very many names, as 0.0.0.0 has in lists of unwanted ones.
    if (add_once(address->is_v6 ? addresses.ipv6 : addresses.ipv4, *address, lines_) &&
        !name->is_wildcard()) {
      names_[*address].push_back(*name);
    }
  }
}

const HostsTable::Addresses* HostsTable::find(std::span<const std::uint8_t> folded) const {
  const std::string_view name = name_key(folded);
  auto found = addresses_.find(name);
  if (found == addresses_.end() && name.size() > 1) {
    std::string wildcard("\1*");
    wildcard += name.substr(folded[0] + 1U);
    found = addresses_.find(wildcard);
  }
  return found == addresses_.end() ? nullptr : &found->second;
}

OptionLocation HostsTable::place_of(std::uint32_t line) const {
  const auto after = std::ranges::upper_bound(texts_, line, {}, &Text::first);
  const Text& text = *std::prev(after);
  return {text.where.file, text.where.line + line - text.first};
}

std::size_t HostsTable::entry_count() const {
  std::size_t count = 0;
  for (const auto& [name, addresses] : addresses_) {
    count += addresses.ipv4.size() + addresses.ipv6.size();
  }
  for (const auto& [address, names] : names_) {
    count += names.size();
  }
  return count;
}

std::span<const DomainName> HostsTable::names(const IpAddress& address) const {
  const auto found = names_.find(address);
  return found == names_.end() ? std::span<const DomainName>() : found->second;
}

}  // namespace meshdns::plugin
