// Zones of master files: file.
#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

Result<void> apply_file(const Statement& statement, BlockDraft& draft) {
  if (statement.words[1].text.empty()) {
    return parse_error(statement.words[1], "empty path, expected a master file");
  }
  auto zones = parse_zones(statement.words, 2);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  FileOptions file;
  file.path = draft.path(statement.words[1].text);
  file.zones = *std::move(zones);
  file.where = location_of(statement.words.front());
  draft.options.plugins.file.push_back(std::move(file));
  return {};
}

Result<void> apply_reload(const Statement& statement, BlockDraft& draft) {
  const auto interval = parse_duration(statement.words[1].text);
  if (!interval) {
    return parse_error(statement.words[1], fmt::format("invalid duration '{}'", statement.words[1].text));
  }
  draft.options.plugins.file.back().reload = interval->count() != 0;
  return {};
}

Result<void> accept_by_mtime(const Statement&, BlockDraft&) {
  return {};
}

Result<void> apply_fallthrough(const Statement& statement, BlockDraft& draft) {
  auto zones = parse_fallthrough(statement.words);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  draft.options.plugins.file.back().fallthrough = *std::move(zones);
  return {};
}

constexpr Option kFileOptions[] = {
    {"reload",
     {"DURATION", 1, 1},
     "on",
     "`0` reads the file once. With anything else it is read again whenever it changes, whatever its serial; "
     "CoreDNS looks at it in this interval. A file with a fault leaves the last good zone in force.",
     apply_reload},
    {"reload_by_mtime",
     {"", 0, 0},
     "always",
     "Accepted: the time of the file counts anyway.",
     accept_by_mtime},
    {"fallthrough",
     {"[ZONE...]"},
     "no zone",
     "Names in these zones (in all, without ZONE) that do not exist go on to the next directive.",
     apply_fallthrough},
};

}  // namespace

const Directive kFile = {
    "file",
    {"DBFILE [ZONE...]", 1},
    true,
    "Answers for the zones (those of the block, without ZONE) from a master file (RFC 1035): delegations, "
    "wildcards (RFC 4592), CNAME and DNAME, with a SOA on negative answers. What a CNAME leads to outside "
    "the zone is looked up by this server. Names of the mesh are answered by the mesh. There is no DNSSEC, "
    "no zone "
    "transfer and no `$INCLUDE`. Unlike CoreDNS, a file that is missing is an error at start, and positive "
    "answers have no authority section.",
    kFileOptions,
    apply_file,
};

}  // namespace meshdns::corefile
