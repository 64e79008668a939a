// Names of a hosts file: hosts.
#include <charconv>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::uint32_t kMaxTtl = 65535;

HostsOptions& hosts_of(BlockDraft& draft) {
  return *draft.options.plugins.hosts;
}

Result<void> apply_hosts(const Statement& statement, BlockDraft& draft) {
  HostsOptions hosts;
  hosts.where = location_of(statement.words.front());
  if (statement.argument_count() > 0) {
    if (statement.words[1].text.empty()) {
      return parse_error(statement.words[1], "empty path, expected a hosts file");
    }
    hosts.path = draft.path(statement.words[1].text);
    auto zones = parse_zones(statement.words, 2);
    if (!zones) {
      return std::unexpected(std::move(zones.error()));
    }
    hosts.zones = *std::move(zones);
  }
  draft.options.plugins.hosts = std::move(hosts);
  return {};
}

// A line of a hosts file.
Result<void> apply_line(const Statement& statement, BlockDraft& draft) {
  const std::string_view word = statement.name();
  if (!IpAddress::parse(word.substr(0, word.find('%')))) {
    return parse_error(statement.words.front(), fmt::format("unknown property '{}'", word));
  }
  if (statement.argument_count() == 0 || statement.has_block) {
    return argument_error(statement.words.back());
  }
  std::string line(word);
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    if (const auto name = DomainName::parse(statement.words[i].text); !name) {
      return parse_error(statement.words[i],
                         fmt::format("'{}' is not a name: {}", statement.words[i].text, name.error()));
    }
    line += " " + statement.words[i].text;
  }
  hosts_of(draft).lines.push_back({std::move(line), location_of(statement.words.front())});
  return {};
}

Result<void> apply_ttl(const Statement& statement, BlockDraft& draft) {
  const std::string& word = statement.words[1].text;
  std::uint32_t& ttl = hosts_of(draft).ttl_seconds;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), ttl);
  if (failed != std::errc() || end != word.data() + word.size() || ttl < 1 || ttl > kMaxTtl) {
    return parse_error(statement.words[1],
                       fmt::format("ttl provided is invalid: '{}', expected seconds, 1..{}", word, kMaxTtl));
  }
  return {};
}

Result<void> apply_no_reverse(const Statement&, BlockDraft& draft) {
  hosts_of(draft).reverse = false;
  return {};
}

Result<void> apply_reload(const Statement& statement, BlockDraft& draft) {
  const auto interval = parse_duration(statement.words[1].text);
  if (!interval) {
    return parse_error(statement.words[1],
                       fmt::format("invalid duration for reload '{}'", statement.words[1].text));
  }
  hosts_of(draft).reload = interval->count() != 0;
  return {};
}

Result<void> apply_fallthrough(const Statement& statement, BlockDraft& draft) {
  auto zones = parse_fallthrough(statement.words);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  hosts_of(draft).fallthrough = *std::move(zones);
  return {};
}

Result<void> apply_fallthrough_unsupported(const Statement&, BlockDraft& draft) {
  hosts_of(draft).fallthrough_unsupported = true;
  return {};
}

constexpr Option kHostsOptions[] = {
    {"ttl", {"SECONDS", 1, 1}, "3600", "Time to live of the records, 1..65535.", apply_ttl},
    {"no_reverse", {"", 0, 0}, "off", "Does not answer PTR for the addresses.", apply_no_reverse},
    {"reload",
     {"DURATION", 1, 1},
     "on",
     "`0` reads the file once. With anything else it is read again whenever it changes; CoreDNS looks at it "
     "in "
     "this interval.",
     apply_reload},
    {"fallthrough",
     {"[ZONE...]"},
     "no zone",
     "Names in these zones (in all, without ZONE) that are not in the file go on to the next directive. "
     "Others "
     "get SERVFAIL.",
     apply_fallthrough},
    {"fallthrough_unsupported",
     {"", 0, 0},
     "off",
     "Types other than A, AAAA and PTR go on to the next directive, of names that are in the file too.",
     apply_fallthrough_unsupported},
};

}  // namespace

const Directive kHosts = {
    "hosts",
    {"[FILE [ZONE...]]"},
    false,
    "Answers A, AAAA and PTR from FILE (`/etc/hosts`) and from lines of the same form between the braces "
    "(`10.0.0.1 db.example.org db`), for names in the zones (those of the block, without ZONE; PTR: all). "
    "`*.example.org` stands for every name that is one label longer. Unlike CoreDNS, a name that has no "
    "record of the type is answered with a SOA, so that clients can cache it. A line of the file that is no "
    "address with names is left out; a FILE that is missing is an error at start, unless it is the default "
    "one, "
    "and leaves the last good content in force afterwards.",
    kHostsOptions,
    apply_hosts,
    apply_line,
};

}  // namespace meshdns::corefile
