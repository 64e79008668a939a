// What is written about queries, and how much: errors, log, debug.
#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "dns/base/regex.hpp"
#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
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

Result<void> accept_stacktrace(const Statement&, BlockDraft&) {
  return {};
}

std::optional<LogLevel> level_named(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {
      {{"debug", LogLevel::Debug},
       {"info", LogLevel::Info},
       {"warning", LogLevel::Warning},
       {"error", LogLevel::Error}}};
  const auto* const found = std::ranges::find(kLevels, name, [](const auto& row) { return row.first; });
  return found == kLevels.end() ? std::nullopt : std::optional(found->second);
}

// consolidate DURATION PATTERN [LEVEL] [show_first]
Result<void> apply_consolidate(const Statement& statement, BlockDraft& draft) {
  const Token& duration = statement.words[1];
  const auto interval = parse_duration(duration.text);
  if (!interval || interval->count() == 0) {
    return parse_error(duration,
                       fmt::format("invalid interval '{}', expected a duration such as 30s", duration.text));
  }
  ConsolidateOptions consolidate{.interval = *interval, .pattern = statement.words[2].text};
  if (const auto regex = base::Regex::compile(consolidate.pattern); !regex) {
    return parse_error(statement.words[2], regex.error().what);
  }
  for (std::size_t i = 3; i < statement.words.size(); ++i) {
    const Token& word = statement.words[i];
    if (word.text == "show_first") {
      consolidate.show_first = true;
    } else if (const auto level = level_named(word.text); level && i == 3) {
      consolidate.level = *level;
    } else {
      return parse_error(word, fmt::format("unknown word '{}', expected warning, error, info or debug, then "
                                           "show_first",
                                           word.text));
    }
  }
  draft.options.consolidate.push_back(std::move(consolidate));
  return {};
}

// As in CoreDNS the last argument is a format if there is a brace in it. There it must not be the only one;
// a zone with a brace in it makes no sense, though.
Result<void> apply_log(const Statement& statement, BlockDraft& draft) {
  LogOptions log{.where = location_of(statement.words.front())};
  std::vector<Token> words = statement.words;
  if (words.size() > 1 && words.back().text.contains('{')) {
    log.format = words.back().text;
    words.pop_back();
  }
  auto zones = parse_zones(words, 1);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  log.zones = *std::move(zones);
  if (log.zones.empty()) {
    log.zones.emplace_back();
  }
  draft.options.log.push_back(std::move(log));
  return {};
}

Result<void> apply_class(const Statement& statement, BlockDraft& draft) {
  LogClasses classes{.success = false, .denial = false, .error = false};
  for (const Token& word : statement.words | std::views::drop(1)) {
    const bool all = word.text == "all";
    if (!all && word.text != "success" && word.text != "denial" && word.text != "error") {
      return parse_error(
          word, fmt::format("unknown class '{}', expected all, success, denial or error", word.text));
    }
    classes.success |= all || word.text == "success";
    classes.denial |= all || word.text == "denial";
    classes.error |= all || word.text == "error";
  }
  draft.options.log.back().classes = classes;
  return {};
}

Result<void> apply_debug(const Statement&, BlockDraft& draft) {
  draft.debug = true;
  return {};
}

constexpr Option kErrorsOptions[] = {
    {"consolidate",
     {"DURATION PATTERN [LEVEL] [show_first]", 2, 4},
     "none",
     "Errors that the regular expression PATTERN (RE2) matches are counted instead, and one line tells of "
     "them "
     "after DURATION: `12 errors like '^.* i/o timeout$' occurred in last 30s`. LEVEL is `error`, `warning`, "
     "`info` or `debug`; `show_first` logs the first of them at once. May be repeated; the first PATTERN "
     "that "
     "matches counts.",
     apply_consolidate},
    {"stacktrace", {"", 0, 0}, "off", "Accepted, changes nothing.", accept_stacktrace},
};

constexpr Option kLogOptions[] = {
    {"class",
     {"CLASS...", 1},
     "all",
     "Which answers are logged: `success` (data, or a delegation), `denial` (NXDOMAIN, or no data), `error` "
     "(every other code), or `all`.",
     apply_class},
};

}  // namespace

const Directive kDebug = {
    "debug", {"", 0, 0},
    false,   "Shows lines of level `[DEBUG]` too. It holds for the whole server. Nothing else changes.",
    {},      apply_debug,
};

const Directive kErrors = {
    "errors",
    {"[stdout]", 0, 1},
    false,
    "Logs queries that ended in an error: `[ERROR] plugin/errors: 2 example.org. A: ... i/o timeout`. Of "
    "many "
    "errors that follow each other one in ten seconds is logged, with the number of the others.",
    kErrorsOptions,
    apply_errors,
};

const Directive kLog = {
    "log",
    {"[ZONE...] [FORMAT]"},
    true,
    "Logs every query at or below the zones (all queries without ZONE), one line each. FORMAT is a text with "
    "placeholders; unknown ones stay as they are: `{type}` `{name}` `{class}` `{proto}` `{remote}` `{local}` "
    "`{port}` `{size}` `{rcode}` `{rsize}` `{duration}` `{>id}` `{>opcode}` `{>do}` `{>bufsize}` "
    "`{>rflags}`, "
    "`{/LABEL}` (metadata, always `-`), and for whole formats `{common}`, the default, and `{combined}`. Of "
    "several lines the first one that covers the name counts. Unlike in CoreDNS FORMAT may stand alone.",
    kLogOptions,
    apply_log,
};

}  // namespace meshdns::corefile
