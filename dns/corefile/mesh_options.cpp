#include "dns/corefile/mesh_options.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

KumaOptions& kuma_of(BlockDraft& draft) {
  return draft.options.mesh->source.kuma;
}

Result<void> set_text(const Token& word, std::string_view what, std::string& value) {
  if (word.text.empty()) {
    return parse_error(word, fmt::format("empty {}", what));
  }
  value = word.text;
  return {};
}

Result<void> set_mesh_name(const Token& word, BlockDraft& draft) {
  std::string& mesh = kuma_of(draft).mesh;
  if (!mesh.empty() && mesh != word.text) {
    return parse_error(word, fmt::format("mesh '{}', but it is '{}' already", word.text, mesh));
  }
  return set_text(word, "name of a mesh", mesh);
}

Result<void> set_switch(const Statement& statement, bool& value) {
  const auto on = one_of(statement, "on", "off");
  if (!on) {
    return std::unexpected(on.error());
  }
  value = *on;
  return {};
}

}  // namespace

Result<bool> one_of(const Statement& statement, std::string_view first, std::string_view second) {
  const Token& word = statement.words[1];
  if (word.text != first && word.text != second) {
    return parse_error(word, fmt::format("invalid {} '{}', expected '{}' or '{}'", statement.name(),
                                         word.text, first, second));
  }
  return word.text == first;
}

Result<void> apply_mesh_name(const Statement& statement, BlockDraft& draft) {
  return set_mesh_name(statement.words[1], draft);
}

Result<void> apply_dataplane(const Statement& statement, BlockDraft& draft) {
  if (auto set = set_text(statement.words[1], "name of a dataplane", kuma_of(draft).dataplane); !set) {
    return set;
  }
  return statement.argument_count() == 2 ? set_mesh_name(statement.words[2], draft) : Result<void>();
}

Result<void> apply_dataplane_var(const Statement& statement, BlockDraft& draft) {
  const Token& word = statement.words[1];
  std::string key = word.text;
  std::string value;
  if (statement.argument_count() == 2) {
    value = statement.words[2].text;
  } else if (const std::size_t sign = word.text.find('='); sign != std::string::npos) {
    key = word.text.substr(0, sign);
    value = word.text.substr(sign + 1);
  } else {
    return parse_error(word, fmt::format("'{}' has no value, expected KEY VALUE or KEY=VALUE", word.text));
  }
  if (key.empty()) {
    return parse_error(word, fmt::format("empty key in '{}'", word.text));
  }
  kuma_of(draft).dataplane_vars[std::move(key)] = std::move(value);
  return {};
}

Result<void> apply_domain(const Statement& statement, BlockDraft& draft) {
  const Token& word = statement.words[1];
  const auto domain = DomainName::parse(word.text);
  if (!domain || domain->is_root() || domain->is_wildcard()) {
    return parse_error(word, fmt::format("invalid domain '{}': {}", word.text,
                                         domain ? "expected a suffix such as mesh" : domain.error()));
  }
  kuma_of(draft).domain = domain->to_string();
  return {};
}

Result<void> apply_zone(const Statement& statement, BlockDraft& draft) {
  return set_text(statement.words[1], "name of a zone", kuma_of(draft).zone);
}

Result<void> apply_service_vips(const Statement& statement, BlockDraft& draft) {
  return set_switch(statement, kuma_of(draft).service_vips);
}

Result<void> apply_default_generators(const Statement& statement, BlockDraft& draft) {
  return set_switch(statement, kuma_of(draft).default_generators);
}

Result<void> apply_prefer(const Statement& statement, BlockDraft& draft) {
  const auto computed = one_of(statement, "computed", "status");
  if (!computed) {
    return std::unexpected(computed.error());
  }
  kuma_of(draft).prefer_computed = *computed;
  return {};
}

Result<void> apply_ipv6_mapped(const Statement& statement, BlockDraft& draft) {
  return set_switch(statement, kuma_of(draft).ipv6_mapped);
}

Result<void> apply_cidr(const Statement& statement, BlockDraft& draft) {
  static constexpr std::array<std::pair<std::string_view, VipRanges KumaOptions::*>, 4> kKinds{{
      {"service", &KumaOptions::service_range},
      {"mesh_service", &KumaOptions::mesh_service_range},
      {"mesh_external_service", &KumaOptions::mesh_external_service_range},
      {"mesh_multi_zone_service", &KumaOptions::mesh_multi_zone_service_range},
  }};
  const Token& kind_word = statement.words[1];
  const auto* const kind =
      std::ranges::find(kKinds, kind_word.text, [](const auto& row) { return row.first; });
  if (kind == kKinds.end()) {
    return parse_error(kind_word,
                       fmt::format("unknown kind '{}', expected service, mesh_service, mesh_external_service "
                                   "or mesh_multi_zone_service",
                                   kind_word.text));
  }
  VipRanges ranges;
  for (std::size_t i = 2; i < statement.words.size(); ++i) {
    const Token& word = statement.words[i];
    const auto range = IpRange::parse(word.text);
    if (!range) {
      return parse_error(word, fmt::format("invalid CIDR '{}', expected a network such as 240.0.0.0/4 or "
                                           "fd00:fd00::/64 without bits behind its prefix",
                                           word.text));
    }
    auto& family = range->first.is_v6 ? ranges.ipv6 : ranges.ipv4;
    if (family) {
      return parse_error(word, fmt::format("'{}' is the second {} range, expected one of each family at most",
                                           word.text, range->first.is_v6 ? "IPv6" : "IPv4"));
    }
    family = range;
  }
  kuma_of(draft).*kind->second = ranges;
  return {};
}

Result<void> apply_state(const Statement& statement, BlockDraft& draft) {
  std::string& path = kuma_of(draft).state_path;
  if (auto set = set_text(statement.words[1], "path of the state file", path); !set) {
    return set;
  }
  path = draft.path(path);
  return {};
}

}  // namespace meshdns::corefile
