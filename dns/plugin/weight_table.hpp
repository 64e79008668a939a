// WeightTable: how often which address of a name comes first, as a weight file says.
//
// The file has a name on a line of its own and then its addresses, each with a weight of 1 to 255. Lines that
// begin with `#` are comments.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

#include "dns/plugin/name_map.hpp"

namespace meshdns::plugin {

class WeightTable {
 public:
  // `file` is used in messages only. Error: `FILE:LINE: what is wrong`, InvalidConfig.
  static Result<WeightTable> parse(std::string_view text, const std::string& file);
  static Result<WeightTable> read(const std::string& path);  // also FileUnreadable

  // That of an address which the file does not have is 1.
  unsigned weight(std::span<const std::uint8_t> folded_name, const IpAddress& address) const;

 private:
  NameMap<std::map<IpAddress, unsigned>> weights_;
};

}  // namespace meshdns::plugin
