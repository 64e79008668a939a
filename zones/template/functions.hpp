// Functions of Go's text/template that look at values only.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "zones/template/value.hpp"

namespace meshdns::templates {

// Whether `value` equals one of `others`. What is not there equals only what is not there (Go >= 1.21).
std::expected<bool, std::string> equal(const Value& value, std::span<const Value> others);

// An octet of a text, or `value` itself if there are no `indices`.
std::expected<Value, std::string> index(const Value& value, std::span<const Value> indices);

// What strconv.ParseUint makes of a text, as far as it fits into 63 bits.
std::expected<Value, std::string> parse_int(std::span<const Value> arguments);

// In octets.
std::expected<Value, std::string> length(const Value& value);

}  // namespace meshdns::templates
