// Response codes by name, as CoreDNS knows them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <meshdns/result.hpp>

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

// Letter case does not matter. Error: `X is not a valid rcode`.
Result<std::uint16_t> parse_rcode(std::string_view name);
Result<std::vector<std::uint16_t>> parse_rcodes(const std::vector<Token>& words, std::size_t first);

// `rcode` is one that parse_rcode() returned.
std::string_view rcode_name(std::uint16_t rcode);

}  // namespace meshdns::corefile
