// append_answers(): completes a response that ends in a CNAME with what another response says of its target.
// Its file is one of those that know ldns.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace meshdns::plugin {

// `response` with the answers, the authority section and the code of `rest` behind its own. Unchanged if one
// of them cannot be read.
std::vector<std::uint8_t> append_answers(std::span<const std::uint8_t> response,
                                         std::span<const std::uint8_t> rest);

}  // namespace meshdns::plugin
