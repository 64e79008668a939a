// PlainRecords: what the keys of a document of plain records mean. The format is described in README.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <meshdns/zone.hpp>

#include "zones/text/yaml_file.hpp"
#include "zones/text/zone_text.hpp"

namespace meshdns::zones {

// A test holds these against schema/mesh-zone.schema.json.
inline constexpr std::array<std::string_view, 6> kDocumentKeys{"mesh",    "ttl",         "owns",
                                                               "records", "extraLabels", "overlays"};
inline constexpr std::array<std::string_view, 5> kRecordKeys{"name", "ips", "ports", "ttl", "mode"};
inline constexpr std::array<std::string_view, 3> kPortKeys{"port", "name", "protocol"};
inline constexpr std::array<std::string_view, 3> kProtocols{"tcp", "udp", "sctp"};
inline constexpr std::array<std::string_view, 2> kModes{"strict", "overlay"};
inline constexpr std::uint32_t kMaxTtlSeconds = 86400;

struct Leniency {
  bool is_wire_format = false;
  bool skips_bad_names = false;
};

// Adds the documents of one file to a zone. All members throw text::YamlFault.
//
// What people write is read strictly, so that no slip of theirs goes unseen. What a control plane sends (the
// wire format) is read as Kuma's proxy does, which must go on when the other side is newer: unknown keys are
// nothing, `null` is the same as no key, a TTL that cannot be is replaced, and names and addresses that
// cannot be parsed are skipped with a warning (Kuma app/kuma-dp/pkg/dataplane/dnsproxy). Only a wrong
// structure is a fault. A file that begins as Kuma's document is one that somebody saved: it is read
// strictly, but for the names that Kuma publishes although nobody can ask for them.
class PlainRecords {
 public:
  // `file` is the index of the file in `zone`.
  PlainRecords(MeshZone& zone, std::uint32_t file, std::uint32_t default_ttl_seconds, Leniency leniency = {});

  // The records of a document come first, then the document itself (see read_yaml).
  void read_record(const text::YamlNode& item);
  void read_document(const text::YamlNode& document);

  // True when some document has the key `owns`, be its list empty or not.
  bool says_what_it_owns() const { return says_what_it_owns_; }

 private:
  ZoneLocation location(const text::YamlNode& node) const;
  void check_keys(const text::YamlNode& map, std::span<const std::string_view> known) const;
  const text::YamlNode* find(const text::YamlNode& map, std::string_view key) const;
  std::uint32_t read_ttl(const text::YamlNode& map, std::uint32_t without) const;
  // Nullopt: it cannot be parsed and is skipped.
  template <class Value>
  std::optional<Value> value_or_skip(const text::YamlNode& node, text::Parsed<Value> value, bool may_skip);
  void read_addresses(const text::YamlNode& ips, ZoneRecord& record);
  void read_ports(const text::YamlNode& ports, ZoneRecord& record);

  MeshZone& zone_;
  std::uint32_t file_;
  std::uint32_t default_ttl_seconds_;
  bool is_wire_format_;
  bool skips_bad_names_;
  std::size_t document_start_;  // index of the first record of the current document
  bool says_what_it_owns_ = false;
};

}  // namespace meshdns::zones
