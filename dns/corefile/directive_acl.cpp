// Who may ask what: acl.
#include <algorithm>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/zone_key.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::corefile {
namespace {

Result<void> apply_acl(const Statement& statement, BlockDraft& draft) {
  auto zones = parse_zones(statement.words, 1);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  draft.options.plugins.acl.push_back(
      {.zones = *std::move(zones), .rules = {}, .where = location_of(statement.words.front())});
  return {};
}

bool begins_section(const Token& word) {
  return word.text == "type" || word.text == "net";
}

Result<void> add_type(const Token& word, AclRule& rule) {
  const auto type = wire::type_from_text(word.text);
  if (!type) {
    return parse_error(word, fmt::format("unexpected token '{}'; expect legal QTYPE", word.text));
  }
  rule.types.push_back(*type);
  return {};
}

Result<void> add_net(const Token& word, AclRule& rule) {
  const auto net = IpRange::parse_network(word.text);
  if (!net) {
    return parse_error(word, fmt::format("illegal CIDR notation '{}'", word.text));
  }
  rule.nets.push_back(*net);
  return {};
}

// `type T... net CIDR...`, in any order. `*` is everything, which is what an empty list says.
template <AclRule::Action Action>
Result<void> apply_rule(const Statement& statement, BlockDraft& draft) {
  AclRule rule{.action = Action, .types = {}, .nets = {}};
  const auto& words = statement.words;
  for (std::size_t at = 1; at < words.size();) {
    const Token& section = words[at];
    if (!begins_section(section)) {
      return parse_error(section, fmt::format("unexpected token '{}'; expect 'type | net'", section.text));
    }
    const auto add = section.text == "type" ? add_type : add_net;
    const std::size_t first = ++at;
    bool is_everything = false;
    for (; at < words.size() && !begins_section(words[at]); ++at) {
      is_everything |= words[at].text == "*";
      if (auto added = words[at].text == "*" ? Result<void>() : add(words[at], rule); !added) {
        return added;
      }
    }
    if (at == first) {
      return parse_error(section, fmt::format("no token specified in '{}' section", section.text));
    }
    if (is_everything) {
      section.text == "type" ? rule.types.clear() : rule.nets.clear();
    }
  }
  draft.options.plugins.acl.back().rules.push_back(std::move(rule));
  return {};
}

Result<void> refuse_action(const Statement& statement, BlockDraft&) {
  return parse_error(
      statement.words.front(),
      fmt::format("unexpected token '{}'; expect 'allow', 'block', 'filter' or 'drop'", statement.name()));
}

constexpr Option kAclOptions[] = {
    {"allow",
     {"[type TYPE...] [net CIDR...]"},
     "what no line fits",
     "The query goes on.",
     apply_rule<AclRule::Action::Allow>},
    {"block",
     {"[type TYPE...] [net CIDR...]"},
     "none",
     "REFUSED, with Extended DNS Error 15 (Blocked).",
     apply_rule<AclRule::Action::Block>},
    {"filter",
     {"[type TYPE...] [net CIDR...]"},
     "none",
     "NOERROR without records, with Extended DNS Error 17 (Filtered).",
     apply_rule<AclRule::Action::Filter>},
    {"drop", {"[type TYPE...] [net CIDR...]"}, "none", "No response.", apply_rule<AclRule::Action::Drop>},
};

}  // namespace

const Directive kAcl = {
    "acl",
    {"[ZONE...]"},
    true,
    "What happens to queries for names in ZONE (in those of the block, without ZONE), by type and client: "
    "the first "
    "line that fits decides, and the first `acl` that has one. TYPE and CIDR may be `*`; a CIDR may be an "
    "address; "
    "without `type` or `net` all are meant. It sees names as `rewrite` leaves them, those of the mesh too. "
    "Unlike "
    "CoreDNS, clients that sent no OPT get none, and without `net` IPv6 clients are meant, too; networks "
    "cannot be "
    "read from a file.",
    kAclOptions,
    apply_acl,
    refuse_action,
};

}  // namespace meshdns::corefile
