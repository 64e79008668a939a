// DomainName: an absolute domain name in the form that lookups use: lower-cased, uncompressed wire format.
//
// A value type; copies are cheap for short names. Comparison is therefore case-insensitive (RFC 4343).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace meshdns {

class DomainName {
 public:
  DomainName() = default;  // the root

  // Presentation format (RFC 1035 5.1): final dot optional, `\.` and `\DDD` escapes understood, no internal
  // white space. The error says what is wrong with the name, for example "label longer than 63 octets".
  static std::expected<DomainName, std::string> parse(std::string_view text);

  // `wire` must be a valid uncompressed name of 1..255 octets, root label included; it is lower-cased.
  static DomainName from_wire(std::span<const std::uint8_t> wire);

  std::string to_string() const;  // without final dot; the root is "."

  std::span<const std::uint8_t> wire() const {
    return {reinterpret_cast<const std::uint8_t*>(wire_.data()), wire_.size()};
  }
  bool is_root() const { return wire_.size() == 1; }
  bool is_wildcard() const { return wire_.size() > 2 && wire_[0] == 1 && wire_[1] == '*'; }
  std::size_t label_count() const;  // without the root label
  DomainName parent() const;        // the root is its own parent

  // True for the name itself and for every name below `ancestor`.
  bool is_at_or_below(const DomainName& ancestor) const;

  auto operator<=>(const DomainName&) const = default;

 private:
  explicit DomainName(std::string wire) : wire_(std::move(wire)) {}

  std::string wire_ = std::string(1, '\0');
};

}  // namespace meshdns
