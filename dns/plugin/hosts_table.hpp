// HostsTable: names and addresses of hosts files (hosts(5)), both ways.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>

#include "dns/plugin/name_map.hpp"

namespace meshdns::plugin {

class HostsTable {
 public:
  struct Addresses {
    std::vector<IpAddress> ipv4;  // in the order of the lines, each once
    std::vector<IpAddress> ipv6;
  };

  // Lines that are no address with names are left out, names that are none too.
  void add_lines(std::string_view text);

  // `folded` is a lower-cased wire name. If it is not there, `*` in the place of its first label counts.
  const Addresses* find(std::span<const std::uint8_t> folded) const;

  // Names of an address in the order of the lines; wildcards are none. Empty: it is not there.
  std::span<const DomainName> names(const IpAddress& address) const;

  std::size_t name_count() const { return addresses_.size(); }

  // Addresses of names and names of addresses, as CoreDNS counts.
  std::size_t entry_count() const;

 private:
  void add_line(std::string_view line);

  NameMap<Addresses> addresses_;
  std::map<IpAddress, std::vector<DomainName>> names_;
};

}  // namespace meshdns::plugin
