// Names that others know: forward.
#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::size_t kMaxUpstreams = 15;
constexpr std::uint16_t kDnsPort = 53;

Result<UpstreamSource> parse_upstream(const Token& word) {
  std::string_view text = word.text;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    if (text.substr(0, scheme) != "dns") {
      return parse_error(
          word, fmt::format("{}:// is not supported, expected dns:// in '{}'", text.substr(0, scheme), text));
    }
    text.remove_prefix(scheme + 3);
  }
  if (const auto address = SocketAddress::parse(text, kDnsPort)) {
    if (address->port == 0) {
      return parse_error(word, fmt::format("invalid port in '{}', expected 1..65535", word.text));
    }
    return *address;
  }
  // A path is recognised without looking, so that a file which is missing now is reported as a missing file.
  std::error_code ignored;
  if (text.contains('/') || std::filesystem::is_regular_file(text, ignored)) {
    return ResolvConf{std::string(text)};
  }
  return config_error(fmt::format("not an IP address or file: \"{}\"", text));
}

Result<void> apply_forward(const Statement& statement, BlockDraft& draft) {
  const auto from = parse_zone_key(statement.words[1]);
  if (!from) {
    return std::unexpected(from.error());
  }
  if (from->zones.size() > 1) {
    draft.warnings.push_back(fmt::format(
        "{}:{}: '{}' stands for {} zones, only '{}' is forwarded", statement.words[1].source->name,
        statement.words[1].line, statement.words[1].text, from->zones.size(), from->zones[0].to_string()));
  }
  ForwardOptions forward;
  forward.from = from->zones.front();
  forward.where = location_of(statement.words.front());
  if (statement.argument_count() - 1 > kMaxUpstreams) {
    return config_error(
        fmt::format("more than {} TOs configured: {}", kMaxUpstreams, statement.argument_count() - 1));
  }
  for (std::size_t i = 2; i < statement.words.size(); ++i) {
    auto upstream = parse_upstream(statement.words[i]);
    if (!upstream) {
      return std::unexpected(std::move(upstream.error()));
    }
    forward.to.push_back(*std::move(upstream));
  }
  draft.options.forward.push_back(std::move(forward));
  return {};
}

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
  draft.options.forward.back().policy = policy->second;
  return {};
}

Result<void> apply_except(const Statement& statement, BlockDraft& draft) {
  const auto zones = parse_zones(statement.words, 1);
  if (!zones) {
    return std::unexpected(zones.error());
  }
  auto& except = draft.options.forward.back().except;
  except.insert(except.end(), zones->begin(), zones->end());
  return {};
}

constexpr Option kForwardOptions[] = {
    {"policy",
     {"sequential|round_robin|random", 1, 1},
     "sequential",
     "Which upstream is asked first: the first one written that is healthy, each in turn, or any.",
     apply_policy},
    {"except", {"ZONE...", 1}, "none", "Zones below FROM that are not forwarded by this line.", apply_except},
};

}  // namespace

const Directive kForward = {
    "forward",
    {"FROM TO...", 2},
    true,
    "Asks upstream servers for names at or below the zone FROM. TO, 1 to 15 of them: an address (`10.0.0.2`, "
    "`10.0.0.2:5353`, `[2001:db8::1]:53`, `fe80::1%eth0`, each also with `dns://` before it), or a file such "
    "as "
    "`/etc/resolv.conf`, whose `nameserver` lines are used and read again when it changes. Of several lines "
    "the first "
    "one whose FROM covers the name is used.",
    kForwardOptions,
    apply_forward,
};

}  // namespace meshdns::corefile
