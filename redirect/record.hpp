// Record: what was installed, as text that the next run can read, whatever version it is of.
//
// The rules alone say whose they are, by their comments. The record is needed where they have none, and for
// comparing what is in force with what was meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace meshdns::redirect {

struct Record {
  std::string backend;                      // `nftables` or `iptables-nft`, `iptables-legacy`
  std::vector<std::string> created_tables;  // of iptables-nft, that were not there before us
  std::string nftables;                     // our table as the kernel listed it, without counters
  std::string ipv4;                         // as it was fed to iptables-restore
  std::string ipv6;

  std::string to_text() const;
  static Record from_text(std::string_view text);  // what it does not understand is left out
};

}  // namespace meshdns::redirect
