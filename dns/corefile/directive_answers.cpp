// Answers that need nobody else and no file: local, any, chaos, whoami.
#include <algorithm>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::size_t kMaxText = 255;  // of one string of a TXT record

Result<void> apply_local(const Statement& statement, BlockDraft& draft) {
  draft.options.plugins.local.emplace().where = location_of(statement.words.front());
  return {};
}

Result<void> apply_localhost_prefix(const Statement& statement, BlockDraft& draft) {
  const std::string& word = statement.words[1].text;
  if (word != "on" && word != "off") {
    return parse_error(statement.words[1],
                       fmt::format("invalid localhost_prefix '{}', expected 'on' or 'off'", word));
  }
  draft.options.plugins.local->localhost_prefix = word == "on";
  return {};
}

Result<void> apply_any(const Statement&, BlockDraft& draft) {
  draft.options.plugins.any = true;
  return {};
}

// Sorted and without duplicates, as CoreDNS has the authors; texts are cut as it cuts them.
Result<void> apply_chaos(const Statement& statement, BlockDraft& draft) {
  ChaosOptions& chaos = draft.options.plugins.chaos.emplace();
  chaos.where = location_of(statement.words.front());
  if (statement.argument_count() > 0) {
    chaos.version = statement.words[1].text.substr(0, kMaxText);
  }
  for (std::size_t i = 2; i < statement.words.size(); ++i) {
    chaos.authors.push_back(statement.words[i].text.substr(0, kMaxText));
  }
  std::ranges::sort(chaos.authors);
  const auto repeated = std::ranges::unique(chaos.authors);
  chaos.authors.erase(repeated.begin(), repeated.end());
  return {};
}

Result<void> apply_whoami(const Statement&, BlockDraft& draft) {
  draft.options.plugins.whoami = true;
  return {};
}

constexpr Option kLocalOptions[] = {
    {"localhost_prefix",
     {"on|off", 1, 1},
     "on",
     "Whether `localhost.*` is this host too, which is what stub resolvers with a search list ask for.",
     apply_localhost_prefix},
};

}  // namespace

const Directive kLocal = {
    "local",
    {"", 0, 0},
    false,
    "Answers `localhost`, `*.localhost` and `localhost.*` with 127.0.0.1 and ::1, and the zones "
    "0.in-addr.arpa, 127.in-addr.arpa and 255.in-addr.arpa, before everything else in the block. Without "
    "this "
    "line all of them but `localhost.*` are answered the same way where they would be forwarded otherwise; "
    "`invalid`, `onion` and `home.arpa` (RFC 6761, RFC 7686, RFC 8375) do not exist there. A zone of the "
    "block or "
    "of a `forward` line at or below one of these names takes precedence.",
    kLocalOptions,
    apply_local,
};

const Directive kAny = {
    "any",
    {"", 0, 0},
    false,
    "Gives queries of type ANY a minimal answer (RFC 8482): one HINFO record. Names of the mesh have one "
    "anyway.",
    {},
    apply_any,
};

const Directive kChaos = {
    "chaos",
    {"[VERSION [AUTHOR...]]"},
    false,
    "What TXT records of class CH say: `version.bind` and `version.server` VERSION, `authors.bind` each "
    "AUTHOR, "
    "`hostname.bind` and `id.server` the name of the host. Without this line, or without VERSION, the "
    "version "
    "is that of meshdns; authors are not told unless they are given here. Every other name of class CH is "
    "refused.",
    {},
    apply_chaos,
};

const Directive kWhoami = {
    "whoami",
    {"", 0, 0},
    false,
    "Where nothing else in the block answers: an answer without records, with the client's address and, as a "
    "SRV "
    "record, its port and protocol in the additional section.",
    {},
    apply_whoami,
};

}  // namespace meshdns::corefile
