// The texts that a zone is written with, and what is wrong with them, in words for the person who wrote them.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>

namespace meshdns::text {

template <class T>
using Parsed = std::expected<T, std::string>;

// The name of a record; `*` may be its first label (RFC 4592), with something after it.
Parsed<DomainName> parse_record_name(std::string_view text);

// An owned suffix. It may be the root, and has no wildcard.
Parsed<DomainName> parse_suffix(std::string_view text);

Parsed<IpAddress> parse_record_address(std::string_view text);

// Becomes a label after an underscore (RFC 2782): 1..62 letters, digits, hyphens and underscores.
Parsed<std::string> parse_port_name(std::string_view text);

}  // namespace meshdns::text
