#include "zones/template/functions.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "zones/template/quote.hpp"

namespace meshdns::templates {
namespace {

std::optional<std::int64_t> integer(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return *number;
  }
  if (const auto* octet = std::get_if<std::uint8_t>(&value)) {
    return *octet;
  }
  return std::nullopt;
}

}  // namespace

std::expected<bool, std::string> equal(const Value& value, std::span<const Value> others) {
  for (const Value& other : others) {
    const auto left = integer(value);
    const auto right = integer(other);
    const bool is_comparable =
        value.index() == other.index() || (left && right) || is_nil(value) || is_nil(other);
    if (!is_comparable) {
      return std::unexpected(
          fmt::format("incompatible types for comparison: {} and {}", type_name(value), type_name(other)));
    }
    if (left && right ? *left == *right : value == other) {
      return true;
    }
  }
  return false;
}

std::expected<Value, std::string> index(const Value& value, std::span<const Value> indices) {
  Value at = value;
  if (is_nil(at)) {
    return std::unexpected("index of what is not there");
  }
  for (const Value& step : indices) {
    const auto* text = std::get_if<std::string_view>(&at);
    if (text == nullptr) {
      return std::unexpected(fmt::format("can't index item of type {}", type_name(at)));
    }
    const auto number = integer(step);
    if (!number) {
      return std::unexpected(
          fmt::format("cannot index a text with type {}, expected an integer", type_name(step)));
    }
    if (*number < 0 || static_cast<std::uint64_t>(*number) >= text->size()) {
      return std::unexpected(fmt::format("index out of range: {}", *number));
    }
    at = static_cast<std::uint8_t>((*text)[static_cast<std::size_t>(*number)]);
  }
  return at;
}

std::expected<Value, std::string> parse_int(std::span<const Value> arguments) {
  const auto* text = std::get_if<std::string_view>(arguments.data());
  const auto base = integer(arguments[1]);
  const auto bits = integer(arguments[2]);
  if (text == nullptr || !base || *base < 2 || *base > 36 || !bits || *bits < 0 || *bits > 64) {
    return std::unexpected("parseInt has other arguments, expected a text, a base, 2..36, and bits, 0..64");
  }
  std::int64_t number = 0;
  const auto [at, failed] =
      std::from_chars(text->data(), text->data() + text->size(), number, static_cast<int>(*base));
  const bool fits = *bits == 0 || *bits >= 63 || number >> *bits == 0;
  if (failed != std::errc() || at != text->data() + text->size() || number < 0 || text->starts_with('-') ||
      !fits) {
    return std::unexpected(fmt::format("parseInt: {} is not a number of base {} that fits into {} bits",
                                       excerpt(*text), *base, *bits == 0 ? 64 : *bits));
  }
  return Value(number);
}

std::expected<Value, std::string> length(const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    return Value(static_cast<std::int64_t>(text->size()));
  }
  return std::unexpected(is_nil(value) ? "len of what is not there"
                                       : fmt::format("len of type {}", type_name(value)));
}

}  // namespace meshdns::templates
