// Records that are written rarely and read seldom are encoded by ldns from their presentation format.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace meshdns::answer {

// `text` is "TTL CLASS TYPE RDATA". The result is the record in wire form, its owner a pointer to the qname.
// Throws std::invalid_argument if ldns cannot read it.
std::vector<std::uint8_t> encode_record(const std::string& text);

}  // namespace meshdns::answer
