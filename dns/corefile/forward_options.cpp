#include "dns/corefile/forward_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/rcode_name.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::chrono::milliseconds kMinProbeInterval{100};
constexpr std::uint16_t kDnsPort = 53;

ForwardOptions& forward_of(BlockDraft& draft) {
  return draft.options.forward.back();
}

Result<std::chrono::milliseconds> duration_of(const Statement& statement) {
  const Token& word = statement.words[1];
  if (word.text.starts_with('-')) {
    return config_error(fmt::format("{} can't be negative: {}", statement.name(), word.text));
  }
  const auto duration = parse_duration(word.text);
  if (!duration) {
    return parse_error(word, fmt::format("invalid {} '{}', expected a duration such as 10s or 500ms",
                                         statement.name(), word.text));
  }
  return *duration;
}

Result<unsigned> count_of(const Statement& statement) {
  const Token& word = statement.words[1];
  if (word.text.starts_with('-')) {
    return config_error(fmt::format("{} can't be negative: {}", statement.name(), word.text));
  }
  unsigned count = 0;
  const char* const end = word.text.data() + word.text.size();
  const auto [stop, failed] = std::from_chars(word.text.data(), end, count);
  if (failed != std::errc() || stop != end) {
    return parse_error(word, fmt::format("invalid {} '{}', expected a number, 0..{}", statement.name(),
                                         word.text, std::numeric_limits<unsigned>::max()));
  }
  return count;
}

template <class Value, class Field>
Result<void> set(const Result<Value>& value, Field& field) {
  if (!value) {
    return std::unexpected(value.error());
  }
  field = *value;
  return {};
}

Result<void> add_rcodes(const Statement& statement, std::vector<std::uint16_t>& rcodes) {
  const auto added = parse_rcodes(statement.words, 1);
  if (!added) {
    return std::unexpected(added.error());
  }
  rcodes.insert(rcodes.end(), added->begin(), added->end());
  return {};
}

}  // namespace

Result<void> apply_policy(const Statement& statement, BlockDraft& draft) {
  static constexpr std::array<std::pair<std::string_view, ForwardPolicy>, 3> kPolicies = {{
      {"sequential", ForwardPolicy::Sequential},
      {"round_robin", ForwardPolicy::RoundRobin},
      {"random", ForwardPolicy::Random},
  }};
  const Token& word = statement.words[1];
  const auto* const policy =
      std::ranges::find(kPolicies, word.text, [](const auto& row) { return row.first; });
  if (policy == kPolicies.end()) {
    return parse_error(word, fmt::format("unknown policy '{}'", word.text));
  }
  forward_of(draft).policy = policy->second;
  return {};
}

Result<void> apply_except(const Statement& statement, BlockDraft& draft) {
  const auto zones = parse_zones(statement.words, 1);
  if (!zones) {
    return std::unexpected(zones.error());
  }
  auto& except = forward_of(draft).except;
  except.insert(except.end(), zones->begin(), zones->end());
  return {};
}

Result<void> apply_force_tcp(const Statement&, BlockDraft& draft) {
  forward_of(draft).force_tcp = true;
  return {};
}

Result<void> apply_prefer_udp(const Statement&, BlockDraft& draft) {
  forward_of(draft).prefer_udp = true;
  return {};
}

Result<void> apply_trust_ad(const Statement&, BlockDraft& draft) {
  forward_of(draft).trust_ad = true;
  return {};
}

// Decimal, or hexadecimal behind 0x.
Result<void> apply_mark(const Statement& statement, BlockDraft& draft) {
  const Token& word = statement.words[1];
  const bool is_hex = word.text.starts_with("0x") || word.text.starts_with("0X");
  const char* const digits = word.text.data() + (is_hex ? 2 : 0);
  const char* const end = word.text.data() + word.text.size();
  std::uint32_t mark = 0;
  const auto [stop, failed] = std::from_chars(digits, end, mark, is_hex ? 16 : 10);
  if (failed != std::errc() || stop != end || mark == 0) {
    return parse_error(
        word,
        fmt::format("invalid mark '{}', expected a number, 1..4294967295 or 0x1..0xffffffff", word.text));
  }
  forward_of(draft).mark = mark;
  return {};
}

Result<void> apply_max_rate(const Statement& statement, BlockDraft& draft) {
  unsigned numbers[2] = {};
  const std::size_t given = statement.words.size() - 1;
  for (std::size_t i = 0; i < given; ++i) {
    const Token& word = statement.words[i + 1];
    const char* const end = word.text.data() + word.text.size();
    const auto [stop, failed] = std::from_chars(word.text.data(), end, numbers[i]);
    if (failed != std::errc() || stop != end || numbers[i] == 0) {
      return parse_error(word, fmt::format("invalid max_rate '{}', expected a number, 1..{}", word.text,
                                           std::numeric_limits<unsigned>::max()));
    }
  }
  forward_of(draft).max_rate = {.per_second = numbers[0], .burst = given == 2 ? numbers[1] : numbers[0]};
  return {};
}

// [CA], CERT KEY, or CERT KEY CA.
Result<void> apply_tls(const Statement& statement, BlockDraft& draft) {
  TlsOptions& tls = forward_of(draft).tls;
  const auto& words = statement.words;
  if (words.size() > 2) {
    tls.certificate = words[1].text;
    tls.key = words[2].text;
  }
  if (words.size() % 2 == 0) {
    tls.ca = words.back().text;
  }
  return {};
}

Result<void> apply_tls_servername(const Statement& statement, BlockDraft& draft) {
  const Token& word = statement.words[1];
  if (word.text.empty()) {
    return parse_error(word, "empty tls_servername");
  }
  forward_of(draft).tls.server_name = word.text;
  return {};
}

Result<void> apply_source_address(const Statement& statement, BlockDraft& draft) {
  const Token& word = statement.words[1];
  const auto address = IpAddress::parse(word.text);
  if (!address || address->is_unspecified()) {
    return parse_error(
        word, fmt::format("invalid source_address '{}', expected an IP address of this host", word.text));
  }
  forward_of(draft).source_address = *address;
  return {};
}

Result<void> apply_expire(const Statement& statement, BlockDraft& draft) {
  return set(duration_of(statement), forward_of(draft).expire);
}

Result<void> apply_max_age(const Statement& statement, BlockDraft& draft) {
  return set(duration_of(statement), forward_of(draft).max_age);
}

Result<void> apply_max_idle_conns(const Statement& statement, BlockDraft& draft) {
  return set(count_of(statement), forward_of(draft).max_idle_connections);
}

Result<void> apply_read_timeout(const Statement& statement, BlockDraft&) {
  const auto timeout = duration_of(statement);
  if (!timeout) {
    return std::unexpected(timeout.error());
  }
  return {};  // nothing that was sent is given up before the question is
}

Result<void> apply_max_connect_attempts(const Statement& statement, BlockDraft& draft) {
  return set(count_of(statement), forward_of(draft).max_attempts);
}

Result<void> apply_max_fails(const Statement& statement, BlockDraft& draft) {
  return set(count_of(statement), forward_of(draft).max_fails);
}

Result<void> apply_fail_fast(const Statement&, BlockDraft& draft) {
  forward_of(draft).fail_fast = true;
  return {};
}

Result<void> apply_health_check(const Statement& statement, BlockDraft& draft) {
  ProbeOptions& probe = forward_of(draft).probe;
  if (auto done = set(duration_of(statement), probe.interval); !done) {
    return done;
  }
  if (probe.interval.count() != 0 && probe.interval < kMinProbeInterval) {
    return parse_error(statement.words[1],
                       fmt::format("invalid health_check '{}', expected 0 or at least {}ms",
                                   statement.words[1].text, kMinProbeInterval.count()));
  }
  for (std::size_t i = 2; i < statement.words.size(); ++i) {
    const std::string& word = statement.words[i].text;
    if (word == "no_rec") {
      probe.recursive = false;
    } else if (word == "domain" && i + 1 < statement.words.size()) {
      const auto name = DomainName::parse(statement.words[++i].text);
      if (!name) {
        return config_error(
            fmt::format("health_check: invalid domain name {}: {}", statement.words[i].text, name.error()));
      }
      probe.name = *name;
    } else if (word == "domain") {
      return argument_error(statement.words[i]);
    } else {
      return config_error(fmt::format("health_check: unknown option {}", word));
    }
  }
  return {};
}

Result<void> apply_max_concurrent(const Statement& statement, BlockDraft& draft) {
  return set(count_of(statement), forward_of(draft).max_concurrent);
}

Result<void> apply_failover(const Statement& statement, BlockDraft& draft) {
  auto& failover = forward_of(draft).failover;
  const auto done = add_rcodes(statement, failover);
  if (done && std::ranges::find(failover, 0) != failover.end()) {
    return config_error("NoError cannot be used in failover");
  }
  return done;
}

Result<void> apply_next(const Statement& statement, BlockDraft& draft) {
  return add_rcodes(statement, forward_of(draft).next);
}

Result<void> apply_next_on_nodata(const Statement&, BlockDraft& draft) {
  forward_of(draft).next_on_nodata = true;
  return {};
}

Result<void> apply_relay_updates(const Statement&, BlockDraft& draft) {
  forward_of(draft).relay_updates = true;
  return {};
}

Result<void> apply_resolver(const Statement& statement, BlockDraft& draft) {
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    const Token& word = statement.words[i];
    const auto address = SocketAddress::parse(word.text, kDnsPort);
    if (!address || address->port == 0) {
      return parse_error(word, fmt::format("invalid resolver '{}', expected IP[:PORT]", word.text));
    }
    forward_of(draft).resolvers.push_back(*address);
  }
  return {};
}

}  // namespace meshdns::corefile
