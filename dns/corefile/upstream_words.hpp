// The TO words of `forward` and `alternate`.
#pragma once

#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

// The words from `first` on; there is at least one.
Result<std::vector<UpstreamSource>> parse_upstreams(const std::vector<Token>& words, std::size_t first);

}  // namespace meshdns::corefile
