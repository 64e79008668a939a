// Tally: something that a directive counts, under the name that CoreDNS has for it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace meshdns::plugin {

struct Tally {
  std::string metric;  // without `coredns_` and `_total`
  std::vector<std::pair<std::string, std::string>> labels;
  bool by_server = true;  // the address that was asked is one more label

  bool operator==(const Tally&) const = default;
};

}  // namespace meshdns::plugin
