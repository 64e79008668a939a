// Reading YAML (and so JSON) as small trees that know where everything was written.
//
// It works on events, so a list of a million records is never in memory as a tree: the items of lists that
// the caller names are handed over one by one. Beyond what libyaml refuses this refuses what would lead to a
// surprise: duplicate keys, keys that are not text, aliases, deep nesting, text that is not UTF-8, and trees
// of more than half a million values.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshdns::text {

// Counts from 1; columns count octets.
struct TextPosition {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// Thrown by everything below read_yaml(), callbacks included, since a fault may be found
// at any depth. It never leaves the rooms below zones/: ZoneLoader turns it into an Error.
struct YamlFault {
  TextPosition at;
  std::string what;
};

struct YamlNode {
  enum class Kind : std::uint8_t { Nothing, Scalar, List, Map };
  enum class Style : std::uint8_t { Plain, SingleQuoted, DoubleQuoted, Block };

  Kind kind = Kind::Nothing;
  Style style = Style::Plain;  // scalars only; Block also where a tag stands before the text
  bool quoted = false;         // scalars only: text whatever it looks like
  TextPosition at;
  std::string text;  // scalars only
  std::string key;   // members of a map only
  TextPosition key_at;
  std::vector<YamlNode> children;  // members of a map, items of a list

  const YamlNode* find(std::string_view member) const;
};

struct YamlCallbacks {
  // Each item of the list `key`, one of `streamed_keys`, of a document's top map, before the document around
  // it is known. The list is empty in the tree of the document.
  std::function<void(std::string_view key, const YamlNode& item)> on_item;
  // Each document after its last item; empty ones are left out.
  std::function<void(const YamlNode&)> on_document;
};

// Throws YamlFault. The first of `streamed_keys` is what an empty file lacks.
void read_yaml(std::string_view text, std::span<const std::string_view> streamed_keys,
               const YamlCallbacks& callbacks);

// Where octet `offset` of a scalar's text is written: exact for text on one line whose only escapes are `''`,
// `\"` and `\\`; else where the scalar begins.
TextPosition position_inside(const YamlNode& scalar, std::size_t offset);

}  // namespace meshdns::text
