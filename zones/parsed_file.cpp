#include "zones/parsed_file.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "zones/kuma/dataplane_template.hpp"
#include "zones/kuma/resource_reader.hpp"
#include "zones/plain_records.hpp"
#include "zones/text/messages.hpp"
#include "zones/text/yaml_file.hpp"

namespace meshdns::zones {
namespace {

constexpr std::size_t kMaxEntries = 2'000'000;

constexpr std::string_view kRecords = "records";
constexpr std::array<std::string_view, 2> kStreamedKeys{kRecords, "items"};

// `{"records":`, as Kuma's document begins, blanks aside.
bool is_written_by_kuma(std::string_view text) {
  for (const std::string_view token : {"{", "\"records\"", ":"}) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (!text.starts_with(token)) {
      return false;
    }
    text.remove_prefix(token.size());
  }
  return true;
}

}  // namespace

Result<ParsedFile> parse_zone_text(std::string_view text, const std::string& file_name,
                                   const ParseOptions& options) {
  ParsedFile file;
  file.records.files.push_back(file_name);
  PlainRecords records(file.records, 0, options.default_ttl_seconds,
                       {.is_wire_format = options.is_wire_format,
                        .skips_bad_names = options.is_wire_format || is_written_by_kuma(text)});
  // `items` beside records is one of the keys that the wire format may have and nobody here knows.
  const std::span streamed_keys = std::span(kStreamedKeys).first(options.is_wire_format ? 1 : 2);
  std::size_t entries = 0;
  const auto count = [&](const text::YamlNode& node) {
    if (++entries > kMaxEntries) {
      throw text::YamlFault{node.at, fmt::format("more than {} records and resources in one file, expected "
                                                 "several smaller files",
                                                 kMaxEntries)};
    }
  };
  const auto read_resource = [&](const text::YamlNode& node) {
    file.has_resources = true;
    kuma::read_resource(node, file.resources);
  };
  const text::YamlCallbacks callbacks{
      .on_item =
          [&](std::string_view key, const text::YamlNode& item) {
            count(item);
            if (key == kRecords) {
              records.read_record(item);
            } else {
              read_resource(item);
            }
          },
      .on_document =
          [&](const text::YamlNode& document) {
            count(document);
            if (kuma::is_resource(document) ||
                (!options.is_wire_format && document.find("items") != nullptr)) {
              read_resource(document);
            } else {
              records.read_document(document);
            }
          }};
  try {
    // A template is not YAML before it is filled.
    if (text.contains("{{")) {
      const std::string filled = kuma::fill_dataplane_templates(text, options.dataplane_vars);
      text::read_yaml(filled, streamed_keys, callbacks);
    } else {
      text::read_yaml(text, streamed_keys, callbacks);
    }
  } catch (const text::YamlFault& fault) {
    return fail(Errc::InvalidZone, text::one_line(fmt::format("{}:{}:{}: {}", file_name, fault.at.line,
                                                              fault.at.column, fault.what)));
  }
  file.says_what_it_owns = records.says_what_it_owns();
  return file;
}

}  // namespace meshdns::zones
