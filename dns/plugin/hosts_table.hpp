// HostsTable: names and addresses of hosts files (hosts(5)), both ways.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/option_location.hpp>

#include "dns/plugin/name_map.hpp"

namespace meshdns::plugin {

class HostsTable {
 public:
  struct Entry {
    IpAddress address;
    std::uint32_t line = 0;  // of all lines that were added, for place_of()
  };
  struct Addresses {
    std::vector<Entry> ipv4;  // in the order of the lines, each address once
    std::vector<Entry> ipv6;
  };

  // Lines that are no address with names are left out, names that are none too. `where` is the first one.
  void add_lines(std::string_view text, const OptionLocation& where);

  // `folded` is a lower-cased wire name. If it is not there, `*` in the place of its first label counts.
  const Addresses* find(std::span<const std::uint8_t> folded) const;

  // Names of an address in the order of the lines; wildcards are none. Empty: it is not there.
  std::span<const DomainName> names(const IpAddress& address) const;

  OptionLocation place_of(std::uint32_t line) const;

  std::size_t name_count() const { return addresses_.size(); }

  // Addresses of names and names of addresses, as CoreDNS counts.
  std::size_t entry_count() const;

 private:
  // Lines that were added together.
  struct Text {
    std::uint32_t first = 0;  // of all lines
    OptionLocation where;
  };

  void add_line(std::string_view line);

  std::vector<Text> texts_;
  std::uint32_t lines_ = 0;
  NameMap<Addresses> addresses_;
  std::map<IpAddress, std::vector<DomainName>> names_;
};

}  // namespace meshdns::plugin
