// Text forms of types, classes and rcodes, from ldns. For logs, `explain` and messages; never on the packet
// path.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meshdns::wire {

std::string type_text(std::uint16_t type);  // "A", "TYPE65280"
std::string class_text(std::uint16_t qclass);
std::string rcode_text(std::uint16_t rcode);
std::string name_text(std::span<const std::uint8_t> wire_name);  // with final dot, case kept

std::optional<std::uint16_t> type_from_text(std::string_view text);   // any case; TYPEnnn too
std::optional<std::uint16_t> class_from_text(std::string_view text);  // any case
std::optional<std::uint16_t> rcode_from_text(std::string_view text);  // any case; as rcode_text() writes it

}  // namespace meshdns::wire
