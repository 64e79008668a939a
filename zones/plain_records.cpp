#include "zones/plain_records.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "zones/text/messages.hpp"
#include "zones/text/typed_value.hpp"

namespace meshdns::zones {
namespace {

using namespace text;

using Kind = YamlNode::Kind;

// Until its document ends, a record without TTL has this one.
constexpr std::uint32_t kTtlOfDocument = 0;

std::uint16_t port_number(const YamlNode& node, std::string_view what) {
  return static_cast<std::uint16_t>(whole_number(node, what, 65535));
}

ZonePort read_port(const YamlNode& item) {
  ZonePort port;
  if (item.kind != Kind::Map) {
    port.number = port_number(item, "an item of 'ports'");
    return port;
  }
  refuse_unknown_keys(item, kPortKeys);
  port.number = port_number(require(item, "port", "a port", "its number"), "'port'");
  if (const YamlNode* name = item.find("name")) {
    expect(Kind::Scalar, *name, "'name' of a port", "text");
    port.name = value_or_fault(*name, parse_port_name(name->text));
  }
  if (const YamlNode* protocol = item.find("protocol")) {
    port.protocol = one_of(*protocol, "'protocol'", kProtocols);
  }
  return port;
}

// Adds the items of the list `owns` or `overlays`.
void read_suffixes(const YamlNode& list, std::vector<DomainName>& suffixes) {
  const std::string what = fmt::format("'{}'", list.key);
  expect(Kind::List, list, what, "a list of suffixes");
  for (const YamlNode& item : list.children) {
    expect(Kind::Scalar, item, "an item of " + what, "a domain name");
    DomainName suffix = value_or_fault(item, parse_suffix(item.text));
    if (std::ranges::find(suffixes, suffix) == suffixes.end()) {
      suffixes.push_back(std::move(suffix));
    }
  }
}

}  // namespace

PlainRecords::PlainRecords(MeshZone& zone, std::uint32_t file, std::uint32_t default_ttl_seconds,
                           Leniency leniency)
    : zone_(zone),
      file_(file),
      default_ttl_seconds_(default_ttl_seconds),
      is_wire_format_(leniency.is_wire_format),
      skips_bad_names_(leniency.skips_bad_names),
      document_start_(zone.records.size()) {}

void PlainRecords::read_record(const YamlNode& item) {
  expect(Kind::Map, item, "an item of 'records'", "a map with 'name' and 'ips'");
  check_keys(item, kRecordKeys);

  ZoneRecord record;
  const YamlNode& name = require(item, "name", "a record", "its domain name");
  expect(Kind::Scalar, name, "'name'", "a domain name");
  auto parsed_name = value_or_skip(name, parse_record_name(name.text), skips_bad_names_);
  record.where = location(name);
  if (const YamlNode* ips = find(item, "ips")) {
    read_addresses(*ips, record);
  } else if (!is_wire_format_) {
    require(item, "ips", "a record", "a list of addresses, which may be empty");
  }
  if (const YamlNode* ports = find(item, "ports")) {
    read_ports(*ports, record);
  }
  record.ttl_seconds = read_ttl(item, kTtlOfDocument);
  if (const YamlNode* mode = find(item, "mode")) {
    record.mode = one_of(*mode, "'mode'", kModes) == "strict" ? NameMode::Strict : NameMode::Overlay;
  }
  if (parsed_name) {
    record.name = *std::move(parsed_name);
    zone_.records.push_back(std::move(record));
  }
}

void PlainRecords::read_document(const YamlNode& document) {
  expect(Kind::Map, document, "the document", "a map with 'records'");
  check_keys(document, kDocumentKeys);
  expect(Kind::List, require(document, "records", "a document", "a list of records, which may be empty"),
         "'records'", "a list of records");

  const std::uint32_t ttl = read_ttl(document, default_ttl_seconds_);
  if (const YamlNode* mesh = find(document, "mesh")) {
    expect(Kind::Scalar, *mesh, "'mesh'", "the name of the mesh");
  }
  if (const YamlNode* owns = find(document, "owns")) {
    says_what_it_owns_ = true;
    read_suffixes(*owns, zone_.owns);
  }
  if (const YamlNode* overlays = find(document, "overlays")) {
    read_suffixes(*overlays, zone_.overlays);
  }
  if (const YamlNode* labels = find(document, "extraLabels")) {
    expect(Kind::Map, *labels, "'extraLabels'", "a map of texts");
    for (const YamlNode& label : labels->children) {
      expect(Kind::Scalar, label, fmt::format("label {}", quote(label.key)), "text");
      zone_.extra_labels[label.key] = label.text;
    }
  }

  for (ZoneRecord& record : std::span(zone_.records).subspan(document_start_)) {
    if (record.ttl_seconds == kTtlOfDocument) {
      record.ttl_seconds = ttl;
    }
  }
  document_start_ = zone_.records.size();
}

ZoneLocation PlainRecords::location(const YamlNode& node) const {
  return {.file = file_, .line = node.at.line, .column = node.at.column};
}

void PlainRecords::check_keys(const YamlNode& map, std::span<const std::string_view> known) const {
  if (!is_wire_format_) {
    refuse_unknown_keys(map, known);
  }
}

const YamlNode* PlainRecords::find(const YamlNode& map, std::string_view key) const {
  const YamlNode* member = map.find(key);
  return is_wire_format_ && member != nullptr && member->kind == Kind::Nothing ? nullptr : member;
}

std::uint32_t PlainRecords::read_ttl(const YamlNode& map, std::uint32_t without) const {
  const YamlNode* node = find(map, "ttl");
  if (node == nullptr) {
    return without;
  }
  if (is_wire_format_ && node->kind == Kind::Scalar && !node->quoted) {
    // Go's int. A TTL of zero would keep every client asking.
    std::int64_t seconds = 0;
    const auto [stop, error] =
        std::from_chars(node->text.data(), node->text.data() + node->text.size(), seconds);
    if (error == std::errc{} && stop == node->text.data() + node->text.size()) {
      return seconds < 1 ? without
                         : static_cast<std::uint32_t>(std::min<std::int64_t>(seconds, kMaxTtlSeconds));
    }
  }
  return whole_number(*node, "'ttl'", kMaxTtlSeconds);
}

template <class Value>
std::optional<Value> PlainRecords::value_or_skip(const YamlNode& node, Parsed<Value> value, bool may_skip) {
  if (may_skip && !value) {
    warn(zone_, location(node), value.error() + "; skipped");
    return std::nullopt;
  }
  return value_or_fault(node, std::move(value));
}

void PlainRecords::read_addresses(const YamlNode& ips, ZoneRecord& record) {
  expect(Kind::List, ips, "'ips'", "a list of addresses");
  std::set<IpAddress> seen;
  for (const YamlNode& item : ips.children) {
    // `fd00::` without quotes is a map to YAML.
    expect(Kind::Scalar, item, "an item of 'ips'", "an address (in quotes if it ends with ':')");
    const auto address = value_or_skip(item, parse_record_address(item.text), is_wire_format_);
    if (!address) {
      continue;
    }
    if (seen.insert(*address).second) {
      record.addresses.push_back(*address);
    } else {
      warn(zone_, location(item), fmt::format("address {} again, one is enough", quote(item.text)));
    }
  }
}

void PlainRecords::read_ports(const YamlNode& ports, ZoneRecord& record) {
  expect(Kind::List, ports, "'ports'", "a list of ports");
  std::set<std::pair<std::uint16_t, std::string>> seen;
  for (const YamlNode& item : ports.children) {
    ZonePort port = read_port(item);
    if (seen.emplace(port.number, port.protocol).second) {
      record.ports.push_back(std::move(port));
    } else {
      warn(zone_, location(item), fmt::format("port {}/{} again, one is enough", port.number, port.protocol));
    }
  }
}

}  // namespace meshdns::zones
