// ParsedFile: what one file says, before anything is made of it. Immutable once parsed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <meshdns/result.hpp>
#include <meshdns/zone.hpp>

#include "zones/kuma/resources.hpp"

namespace meshdns::zones {

struct ParsedFile {
  MeshZone records;  // plain records, `files` is this one
  kuma::ResourceSet resources;
  bool says_what_it_owns = false;
  bool has_resources = false;  // documents of Kuma's, skipped kinds included
};

struct ParseOptions {
  std::uint32_t default_ttl_seconds = 30;
  std::map<std::string, std::string> dataplane_vars;
  bool is_wire_format = false;  // a program wrote it for a program: see PlainRecords
};

// Errors: InvalidZone, as `file_name:line:column: what is wrong, expected what`.
Result<ParsedFile> parse_zone_text(std::string_view text, const std::string& file_name,
                                   const ParseOptions& options);

}  // namespace meshdns::zones
