// What upstreams replied, kept: cache.
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

using Share = CacheOptions::Share;

constexpr int kMaxCapacity = 10'000'000;                      // entries; keeps memory below 5 GiB
constexpr std::chrono::milliseconds kMaxFailureTtl{300'000};  // RFC 2308 7.1

CacheOptions& cache_of(BlockDraft& draft) {
  return *draft.options.cache;
}

std::optional<int> integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// With CoreDNS's words, which are those of Go's library.
Result<int> parse_integer(const Token& word) {
  if (const auto value = integer(word.text)) {
    return *value;
  }
  return config_error(fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", word.text));
}

Result<std::chrono::milliseconds> parse_time(const Token& word, std::string_view negative) {
  if (word.text.starts_with('-') && parse_duration(std::string_view(word.text).substr(1))) {
    return config_error(std::string(negative));
  }
  if (const auto duration = parse_duration(word.text)) {
    return *duration;
  }
  return config_error(fmt::format("time: invalid duration \"{}\"", word.text));
}

Result<std::chrono::seconds> max_ttl_of(int seconds) {
  if (seconds <= 0) {
    return config_error(fmt::format("cache TTL can not be zero or negative: {}", seconds));
  }
  return std::chrono::seconds(seconds);
}

Result<void> apply_cache(const Statement& statement, BlockDraft& draft) {
  CacheOptions cache;
  std::size_t zones_from = 1;
  if (statement.argument_count() != 0) {
    if (const auto seconds = integer(statement.words[1].text)) {
      const auto ttl = max_ttl_of(*seconds);
      if (!ttl) {
        return std::unexpected(ttl.error());
      }
      cache.success.max_ttl = cache.denial.max_ttl = *ttl;
      zones_from = 2;
    }
  }
  auto zones = parse_zones(statement.words, zones_from);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  cache.zones = *std::move(zones);
  draft.options.cache = std::move(cache);
  return {};
}

// CAPACITY [TTL] [MINTTL]
Result<void> apply_share(const Statement& statement, Share& share) {
  const auto capacity = parse_integer(statement.words[1]);
  if (!capacity) {
    return std::unexpected(capacity.error());
  }
  if (*capacity > kMaxCapacity) {
    return config_error(fmt::format("cache capacity can not be above {}: {}", kMaxCapacity, *capacity));
  }
  share.capacity = static_cast<std::size_t>(std::max(*capacity, 0));
  if (statement.argument_count() > 1) {
    const auto seconds = parse_integer(statement.words[2]);
    const auto ttl = seconds ? max_ttl_of(*seconds) : std::unexpected(seconds.error());
    if (!ttl) {
      return std::unexpected(ttl.error());
    }
    share.max_ttl = *ttl;
  }
  if (statement.argument_count() > 2) {
    const auto seconds = parse_integer(statement.words[3]);
    if (!seconds) {
      return std::unexpected(seconds.error());
    }
    if (*seconds < 0) {
      return config_error(fmt::format("cache min TTL can not be negative: {}", *seconds));
    }
    share.min_ttl = std::chrono::seconds(*seconds);
  }
  return {};
}

Result<void> apply_success(const Statement& statement, BlockDraft& draft) {
  return apply_share(statement, cache_of(draft).success);
}

Result<void> apply_denial(const Statement& statement, BlockDraft& draft) {
  return apply_share(statement, cache_of(draft).denial);
}

// AMOUNT [DURATION] [PERCENTAGE%]
Result<void> apply_prefetch(const Statement& statement, BlockDraft& draft) {
  CacheOptions& cache = cache_of(draft);
  const auto amount = parse_integer(statement.words[1]);
  if (!amount) {
    return std::unexpected(amount.error());
  }
  if (*amount < 0) {
    return config_error(fmt::format("prefetch amount should be positive: {}", *amount));
  }
  cache.prefetch_hits = static_cast<unsigned>(*amount);
  if (statement.argument_count() > 1) {
    const auto gap = parse_time(statement.words[2], "invalid negative duration for prefetch");
    if (!gap) {
      return std::unexpected(gap.error());
    }
    cache.prefetch_gap = *gap;
  }
  if (statement.argument_count() > 2) {
    std::string_view percent = statement.words[3].text;
    if (!percent.ends_with('%')) {
      return config_error(fmt::format("last character of percentage should be `%`, but is: '{}'",
                                      percent.empty() ? "" : percent.substr(percent.size() - 1)));
    }
    percent.remove_suffix(1);
    const auto value = integer(percent);
    if (!value) {
      return config_error(fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", percent));
    }
    if (*value < 10 || *value > 90) {
      return config_error(fmt::format("percentage should fall in range [10, 90]: {}", *value));
    }
    cache.prefetch_percent = static_cast<unsigned>(*value);
  }
  return {};
}

// [DURATION] [immediate [REPLYTTL [RECHECK]] | verify [TIMEOUT [REPLYTTL [RECHECK]]]]
Result<void> apply_serve_stale(const Statement& statement, BlockDraft& draft) {
  auto& stale = cache_of(draft).stale;
  const bool prefers_positive = stale && stale->prefers_positive;
  stale.emplace().prefers_positive = prefers_positive;
  const auto& words = statement.words;
  std::size_t at = 1;
  const auto next_time = [&]() {
    return parse_time(words[at++], "invalid negative duration for serve_stale");
  };
  if (at < words.size()) {
    const auto max_age = next_time();
    if (!max_age) {
      return std::unexpected(max_age.error());
    }
    stale->max_age = *max_age;
  }
  if (at == words.size()) {
    return {};
  }
  const std::string& mode = words[at++].text;
  if (mode != "immediate" && mode != "verify") {
    return config_error(fmt::format("invalid value for serve_stale refresh mode: {}", mode));
  }
  stale->asks_first = mode == "verify";
  if (stale->asks_first && at < words.size()) {
    const auto wait = next_time();
    if (!wait) {
      return std::unexpected(wait.error());
    }
    stale->wait = *wait;
  }
  if (at < words.size()) {
    const auto ttl = next_time();
    if (!ttl) {
      return std::unexpected(ttl.error());
    }
    stale->ttl = std::chrono::floor<std::chrono::seconds>(*ttl);
  }
  if (at < words.size()) {
    const auto recheck = next_time();
    if (!recheck) {
      return std::unexpected(recheck.error());
    }
    stale->recheck = *recheck;
  }
  return at == words.size() ? Result<void>() : argument_error(words.back());
}

Result<void> apply_stale_policy(const Statement& statement, BlockDraft& draft) {
  auto& stale = cache_of(draft).stale;
  if (statement.words[1].text != "prefer_positive") {
    return config_error(fmt::format("invalid value for serve_stale_policy: {}", statement.words[1].text));
  }
  if (!stale) {
    return config_error("serve_stale_policy needs a serve_stale line before it");
  }
  stale->prefers_positive = true;
  return {};
}

Result<void> apply_servfail(const Statement& statement, BlockDraft& draft) {
  const auto ttl = parse_time(statement.words[1], "invalid negative ttl for servfail");
  if (!ttl) {
    return std::unexpected(ttl.error());
  }
  if (*ttl > kMaxFailureTtl) {
    return config_error("caching SERVFAIL responses over 5 minutes is not permitted");
  }
  cache_of(draft).failure_ttl = *ttl;
  return {};
}

// success|denial [ZONES...]
Result<void> apply_disable(const Statement& statement, BlockDraft& draft) {
  CacheOptions& cache = cache_of(draft);
  const std::string& which = statement.words[1].text;
  if (which != "success" && which != "denial") {
    return config_error("cache type for disable must be \"success\" or \"denial\"");
  }
  auto zones = parse_zones(statement.words, 2);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  if (zones->empty()) {
    zones->emplace_back();
  }
  (which == "success" ? cache.success : cache.denial).disabled = *std::move(zones);
  return {};
}

Result<void> apply_keepttl(const Statement&, BlockDraft& draft) {
  cache_of(draft).keeps_ttl = true;
  return {};
}

constexpr Option kCacheOptions[] = {
    {"success",
     {"CAPACITY [TTL] [MINTTL]", 1, 3},
     "what fits into 6 MiB, 3600, 0",
     "Positive answers: how many are kept (at least 1024; 512 octets of memory are set aside for each), and "
     "the "
     "longest and the shortest time in seconds. CoreDNS keeps 9984 and everything for at least 5 s; here TTL "
     "0 is "
     "not kept unless MINTTL says so.",
     apply_success},
    {"denial",
     {"CAPACITY [TTL] [MINTTL]", 1, 3},
     "what fits into 2 MiB, 30, 0",
     "The same for names and types that do not exist. Their time is that of the zone's SOA; CoreDNS's "
     "longest is "
     "1800 s.",
     apply_denial},
    {"prefetch",
     {"AMOUNT [DURATION] [PERCENTAGE%]", 1, 3},
     "0 1m 10%",
     "Asks again, in the background, for what was asked for AMOUNT times without a gap of DURATION, once "
     "less "
     "than PERCENTAGE (10..90) of its TTL is left. 0: never.",
     apply_prefetch},
    {"serve_stale",
     {"[DURATION] [immediate [REPLYTTL [RECHECK]] | verify [TIMEOUT [REPLYTTL [RECHECK]]]]", 0, 5},
     "off; with it 1h verify 1.8s 30s 30s",
     "Answers with what is over for up to DURATION when no upstream answers (RFC 8767). `verify` asks first "
     "and "
     "waits TIMEOUT; `immediate` answers at once and asks meanwhile. The records get the TTL REPLYTTL; after "
     "a "
     "failure the upstream is asked again after RECHECK. CoreDNS's default is `immediate`, with TTL 0.",
     apply_serve_stale},
    {"serve_stale_policy",
     {"prefer_positive", 1, 1},
     "none",
     "A stale positive answer is given even if the upstream says that the name does not exist any more. "
     "Stands "
     "below `serve_stale`.",
     apply_stale_policy},
    {"servfail",
     {"DURATION", 1, 1},
     "1s",
     "How long it is remembered that the upstreams failed, up to 5m; 0 is not at all. Never instead of a "
     "usable "
     "answer. CoreDNS's default is 5s.",
     apply_servfail},
    {"disable",
     {"success|denial [ZONE...]", 1},
     "none",
     "Positive answers, or denials, of names at or below the zones (of all names without ZONE) are not kept.",
     apply_disable},
    {"keepttl",
     {"", 0, 0},
     "off",
     "The TTLs of an answer from the cache are those that the upstream gave, not counted down.",
     apply_keepttl},
};

}  // namespace

const Directive kCache = {
    "cache",
    {"[TTL] [ZONE...]"},
    false,
    "Keeps what upstreams reply, for names at or below the zones (for all of the block without ZONE), for at "
    "most "
    "TTL seconds. The TTL of each record is counted down by itself, and the AA flag of answers from the "
    "cache is "
    "clear; CoreDNS gives all records the lowest TTL, and sets AA. Each worker has its own cache, of 8 MiB "
    "at most "
    "unless a CAPACITY is given. Mesh names are never in it.",
    kCacheOptions,
    apply_cache,
};

}  // namespace meshdns::corefile
