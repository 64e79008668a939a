// Directives about the block or the server as a whole: root, metadata, cancel, timeouts.
#include <charconv>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDefaultCancel{5001};
constexpr milliseconds kMinTimeout{1'000};
constexpr milliseconds kMaxTimeout{24 * 3'600'000};

Result<void> apply_root(const Statement& statement, BlockDraft& draft) {
  const std::string& path = statement.words[1].text;
  if (path.empty()) {
    return parse_error(statement.words[1], "empty path, expected a folder");
  }
  draft.root = path;
  return {};
}

// What it asks for is done anyway.
Result<void> apply_loop(const Statement&, BlockDraft& draft) {
  draft.options.loop = true;
  return {};
}

Result<void> apply_metadata(const Statement&, BlockDraft&) {
  return {};
}

Result<void> apply_cancel(const Statement& statement, BlockDraft& draft) {
  milliseconds timeout = kDefaultCancel;
  if (statement.argument_count() == 1) {
    const auto duration = parse_duration(statement.words[1].text);
    if (!duration || duration->count() == 0) {
      return parse_error(statement.words[1],
                         fmt::format("invalid timeout '{}', expected a duration of at least 1ms, such as 2s",
                                     statement.words[1].text));
    }
    timeout = *duration;
  }
  draft.options.plugins.cancel = timeout;
  return {};
}

Result<void> apply_timeouts(const Statement& statement, BlockDraft&) {
  if (statement.block.empty()) {
    return parse_error(statement.words.back(), "timeouts block with no timeouts specified");
  }
  return {};
}

Result<milliseconds> timeout_of(const Statement& statement) {
  const auto timeout = parse_duration(statement.words[1].text);
  if (!timeout || *timeout < kMinTimeout || *timeout > kMaxTimeout) {
    return parse_error(statement.words[1],
                       fmt::format("timeout provided '{}' needs to be between 1 second and 24 hours",
                                   statement.words[1].text));
  }
  return *timeout;
}

template <std::optional<milliseconds> ConnectionLimits::* Limit>
Result<void> apply_timeout(const Statement& statement, BlockDraft& draft) {
  const auto timeout = timeout_of(statement);
  if (!timeout) {
    return std::unexpected(timeout.error());
  }
  draft.connections.*Limit = *timeout;
  return {};
}

Result<void> apply_max_queries(const Statement& statement, BlockDraft& draft) {
  const std::string& word = statement.words[1].text;
  int queries = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), queries);
  if (failed != std::errc() || end != word.data() + word.size() || queries == 0 || queries < -1) {
    return parse_error(
        statement.words[1],
        fmt::format("invalid maxtcpqueries '{}', expected a number of queries, or -1 for no limit", word));
  }
  draft.connections.max_queries = queries < 0 ? 0 : static_cast<std::size_t>(queries);
  return {};
}

constexpr Option kTimeoutsOptions[] = {
    {"read",
     {"DURATION", 1, 1},
     "3s",
     "For the first query of a connection, and for the rest of one that has begun.",
     apply_timeout<&ConnectionLimits::read>},
    {"write",
     {"DURATION", 1, 1},
     "5s",
     "For a client to read the responses that wait for it.",
     apply_timeout<&ConnectionLimits::write>},
    {"idle",
     {"DURATION", 1, 1},
     "10s",
     "Between a response and the next query.",
     apply_timeout<&ConnectionLimits::idle>},
    {"maxtcpqueries",
     {"N", 1, 1},
     "-1",
     "Queries per connection; the last one is answered, then the connection ends. -1: no limit.",
     apply_max_queries},
};

}  // namespace

const Directive kRoot = {
    "root",
    {"PATH", 1, 1},
    false,
    "A folder that the relative paths of files in this block begin in. Without it they begin where the "
    "process "
    "runs.",
    {},
    apply_root,
};

const Directive kLoop = {
    "loop",
    {"", 0, 0},
    false,
    "Ends the process (exit code 1) if one of the upstreams of this server block leads back to this server, "
    "and "
    "that is seen within 30 s of the start, as CoreDNS does. Without `loop`, and later on, such upstreams "
    "are "
    "looked for all the time too: they are left out meanwhile, and told of in the log and in "
    "`meshdns_loops_detected_total`.",
    {},
    apply_loop,
};

const Directive kMetadata = {
    "metadata",
    {"[ZONE...]"},
    false,
    "Is read and has no effect: no directive here has metadata to offer. Unlike CoreDNS, `{/label}` in a log "
    "format is always `-`.",
    {},
    apply_metadata,
};

const Directive kCancel = {
    "cancel",
    {"[DURATION]", 0, 1},
    false,
    "The longest time that a query may take, `5001ms` without DURATION. Unlike CoreDNS, which then says "
    "nothing "
    "at all, the client gets SERVFAIL. The limit of 4.4 s that every question to upstreams has holds as "
    "well.",
    {},
    apply_cancel,
};

const Directive kTimeouts = {
    "timeouts",
    {"", 0, 0},
    false,
    "How long TCP connections of clients wait, from 1s to 24h. It holds for the whole server from its start "
    "on, "
    "a reload does not change it; where blocks differ, the longest time counts.",
    kTimeoutsOptions,
    apply_timeouts,
};

}  // namespace meshdns::corefile
