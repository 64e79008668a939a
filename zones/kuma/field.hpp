// Field: a value of a resource that knows its way through the document, for messages as Kuma words them:
// "networking.inbound[0].port is 70000, expected a whole number from 1 to 65535".
//
// A Field refers to the document, which must outlive it. A key that is absent and a null are the same to
// Kuma: `is_given()` is false, lists and maps are empty, texts "". Everything but the constructor throws
// text::YamlFault.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zones/kuma/resources.hpp"
#include "zones/text/yaml_file.hpp"

namespace meshdns::kuma {

class Field {
 public:
  // How the fields of a kind are read. Protobuf, as JSON: keys in camelCase or as in the .proto file
  // (snake_case), numbers also in quotes. OpenApi: Go structs.
  enum class Format : std::uint8_t { Protobuf, OpenApi };

  Field(const text::YamlNode& document, Format format);

  bool is_given() const { return node_ != nullptr && node_->kind != text::YamlNode::Kind::Nothing; }
  const text::YamlNode& node() const { return node_ != nullptr ? *node_ : *parent_; }
  ZoneLocation where() const;

  // A member of a map, `key` in camelCase.
  Field operator[](std::string_view key) const;
  std::vector<Field> items() const;
  std::vector<Field> members() const;
  const std::string& key() const { return node_->key; }

  // Go's YAML reads `1` and `yes` as something else than text, and so Kuma refuses them.
  const std::string& text(std::string_view expected = "text") const;
  bool flag() const;
  std::uint16_t port() const;  // must be given
  std::uint16_t port_or_zero() const;
  // The index in `names` of a text that must be one of them, or of an enum of Protobuf, which may be its
  // number too. 0 if it is not given.
  std::size_t word(std::span<const std::string_view> names) const;
  std::size_t enumerator(std::span<const std::string_view> names) const;
  IpAddress ip_address() const;
  Tags texts() const;

  void require(std::string_view expected) const;
  // "PATH is VALUE, expected EXPECTED", or "PATH is missing, expected EXPECTED" at the place around it.
  [[noreturn]] void refuse(std::string_view expected) const;
  // "PATH: WHAT", at octet `offset` of the text.
  [[noreturn]] void fault(std::string_view what, std::size_t offset = 0) const;

  std::string path() const;

 private:
  Field(const Field& around, const text::YamlNode* node, std::string missing);

  void expect(text::YamlNode::Kind kind, std::string_view expected) const;
  [[noreturn]] void refuse_type(std::string_view expected) const;

  const text::YamlNode* root_;
  const text::YamlNode* node_;    // null if the key is absent
  const text::YamlNode* parent_;  // the nearest value around an absent key
  std::string missing_;           // the way from there
  Format format_;
};

}  // namespace meshdns::kuma
