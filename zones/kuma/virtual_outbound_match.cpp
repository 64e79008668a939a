#include "zones/kuma/virtual_outbound_match.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "zones/kuma/dns_name.hpp"
#include "zones/text/messages.hpp"

namespace meshdns::kuma {
namespace {

constexpr std::string_view kAnyValue = "*";

// Greater is better.
using Rank = std::tuple<std::size_t, std::size_t, Time>;

std::optional<Rank> best_rank(const VirtualOutbound& policy, const Tags& tags) {
  std::optional<Rank> best;
  for (const Tags& selector : policy.selectors) {
    if (!selects(selector, tags)) {
      continue;
    }
    const auto exact =
        std::ranges::count_if(selector, [](const auto& tag) { return tag.second != kAnyValue; });
    best = std::max(best, std::optional<Rank>({selector.size(), exact, policy.meta.created}));
  }
  return best;
}

}  // namespace

bool selects(const Tags& selector, const Tags& tags) {
  return std::ranges::all_of(selector, [&](const auto& wanted) {
    const auto found = tags.find(wanted.first);
    return found != tags.end() && (wanted.second == kAnyValue || wanted.second == found->second);
  });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  int value = 0;
  text.remove_prefix(text.starts_with('+') ? 1 : 0);
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), value);
  const bool is_port = error == std::errc{} && stop == text.end() && value >= 1 && value <= 65535;
  return is_port ? std::optional(static_cast<std::uint16_t>(value)) : std::nullopt;
}

std::vector<Placed<VirtualOutbound>> match(const Listing<VirtualOutbound>& policies, const Tags& tags) {
  std::vector<std::pair<Rank, Placed<VirtualOutbound>>> ranked;
  for (const auto& policy : policies) {
    if (const auto rank = best_rank(*policy, tags)) {
      ranked.emplace_back(*rank, policy);
    }
  }
  std::ranges::stable_sort(ranked, std::greater{}, [](const auto& entry) { return entry.first; });
  std::vector<Placed<VirtualOutbound>> matches;
  matches.reserve(ranked.size());
  for (const auto& entry : ranked) {
    matches.push_back(entry.second);
  }
  return matches;
}

std::expected<VirtualName, std::string> evaluate(const VirtualOutbound& policy, const Tags& tags) {
  const templates::TemplateData data{
      .field = [&](std::string_view name) -> std::optional<std::string_view> {
        const auto parameter = std::ranges::find(policy.parameters, name, &VirtualOutbound::Parameter::name);
        if (parameter == policy.parameters.end()) {
          return std::nullopt;
        }
        const auto tag = tags.find(parameter->tag);
        return tag == tags.end() ? std::nullopt : std::optional<std::string_view>(tag->second);
      },
      .label = {}};
  auto host = policy.host.render(data);
  if (!host) {
    return std::unexpected("conf.host: " + host.error());
  }
  if (!is_dns_name(*host)) {
    return std::unexpected(fmt::format("conf.host gives {}, expected a host name", text::quote(*host)));
  }
  const auto port = policy.port.render(data);
  if (!port) {
    return std::unexpected("conf.port: " + port.error());
  }
  const auto number = parse_port(*port);
  if (!number) {
    return std::unexpected(
        fmt::format("conf.port gives {}, expected a port from 1 to 65535", text::quote(*port)));
  }
  return VirtualName{.host = std::move(*host), .port = *number};
}

}  // namespace meshdns::kuma
