// What is written about queries: errors, log.
#include <algorithm>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

Result<void> apply_errors(const Statement& statement, BlockDraft& draft) {
  if (statement.argument_count() == 1 && statement.words[1].text != "stdout") {
    return config_error("invalid log file: " + statement.words[1].text);
  }
  draft.options.errors = true;
  return {};
}

// CoreDNS takes the last of several arguments for a format if there is a brace in it.
Result<void> apply_log(const Statement& statement, BlockDraft& draft) {
  const Token& last = statement.words.back();
  if (last.text.contains('{')) {
    return parse_error(last, fmt::format("log formats are not supported, expected a zone: '{}'", last.text));
  }
  auto zones = parse_zones(statement.words, 1);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  if (zones->empty()) {
    zones->emplace_back();
  }
  auto& log = draft.options.log;
  if (!log) {
    log = LogOptions{{}, location_of(statement.words.front())};
  }
  log->zones.insert(log->zones.end(), zones->begin(), zones->end());
  return {};
}

Result<void> refuse_class(const Statement& statement, BlockDraft&) {
  if (std::ranges::any_of(statement.words, [](const Token& word) { return word.text == "all"; })) {
    return {};
  }
  return parse_error(statement.words[1],
                     fmt::format("log class '{}' is not supported, expected 'all'", statement.words[1].text));
}

constexpr Option kLogOptions[] = {
    {"class", {"all", 1}, "all", "Which answers are logged. Only `all` is supported.", refuse_class},
};

}  // namespace

const Directive kErrors = {
    "errors",
    {"[stdout]", 0, 1},
    false,
    "Logs queries that ended in an error, one line each: `[ERROR] plugin/errors: 2 example.org. A: ... i/o "
    "timeout`.",
    {},
    apply_errors,
};

const Directive kLog = {
    "log",
    {"[ZONE...]"},
    true,
    "Logs every query at or below the zones (all queries without ZONE), one line each, in CoreDNS's common "
    "log "
    "format. Several lines add up. Own formats are not supported.",
    kLogOptions,
    apply_log,
};

}  // namespace meshdns::corefile
