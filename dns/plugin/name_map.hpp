// NameMap: something for each of many names, found by the octets of a query.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace meshdns::plugin {

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};

// By lower-cased wire name.
template <class T>
using NameMap = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

inline std::string_view name_key(std::span<const std::uint8_t> folded) {
  return {reinterpret_cast<const char*>(folded.data()), folded.size()};
}

}  // namespace meshdns::plugin
