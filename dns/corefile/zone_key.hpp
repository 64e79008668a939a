// Zone keys: `[dns://]zone[:port]`, where zone is a domain name or a CIDR that stands for its reverse zones.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/result.hpp>

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

struct ZoneKey {
  std::vector<DomainName> zones;      // several when a CIDR does not end on a label boundary; never empty
  std::optional<std::uint16_t> port;  // as written
};

Result<ZoneKey> parse_zone_key(const Token& key);

// The zones of an argument list such as `except ZONES...`; ports are ignored there, as CoreDNS does.
Result<std::vector<DomainName>> parse_zones(const std::vector<Token>& words, std::size_t first);

// Those of `fallthrough [ZONES...]`: without any, all names are meant, which is the root.
Result<std::vector<DomainName>> parse_fallthrough(const std::vector<Token>& words);

}  // namespace meshdns::corefile
