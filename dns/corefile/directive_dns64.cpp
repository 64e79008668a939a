// AAAA records made of A records: dns64.
#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::string_view kWellKnownPrefix = "64:ff9b::/96";  // RFC 6052 2.1

Result<IpRange> prefix_of(const Token& word) {
  const auto prefix = IpRange::parse_network(word.text);
  if (!prefix || !word.text.contains('/')) {
    return config_error("invalid CIDR address: " + word.text);
  }
  if (!prefix->first.is_v6) {
    return parse_error(word, fmt::format("invalid netmask 32 IPv6 address: \"{}\"", prefix->to_string()));
  }
  if (prefix->prefix % 8 != 0 || prefix->prefix < 32 || prefix->prefix > 96) {
    return parse_error(word, fmt::format("invalid prefix length \"{}\"", prefix->to_string()));
  }
  // RFC 6052 2.2: bits 64 to 71 are zero.
  if (prefix->prefix > 64 && prefix->first.octets[8] != 0) {
    return parse_error(word,
                       fmt::format("invalid prefix \"{}\", bits 64 to 71 must be zero", prefix->to_string()));
  }
  return *prefix;
}

Result<void> apply_prefix(const Statement& statement, BlockDraft& draft) {
  const auto prefix = prefix_of(statement.words[1]);
  if (!prefix) {
    return std::unexpected(prefix.error());
  }
  draft.options.plugins.dns64->prefix = *prefix;
  return {};
}

Result<void> apply_dns64(const Statement& statement, BlockDraft& draft) {
  draft.options.plugins.dns64 = {.prefix = IpRange::parse(kWellKnownPrefix).value()};
  return statement.argument_count() == 0 ? Result<void>() : apply_prefix(statement, draft);
}

Result<void> apply_translate_all(const Statement&, BlockDraft& draft) {
  draft.options.plugins.dns64->translate_all = true;
  return {};
}

Result<void> apply_allow_ipv4(const Statement&, BlockDraft& draft) {
  draft.options.plugins.dns64->allow_ipv4 = true;
  return {};
}

constexpr Option kDns64Options[] = {
    {"prefix",
     {"CIDR", 1, 1},
     "64:ff9b::/96",
     "What IPv4 addresses are put into: IPv6, a multiple of 8 bits, 32 to 96.",
     apply_prefix},
    {"translate_all", {"", 0, 0}, "off", "Also of names that have AAAA records.", apply_translate_all},
    {"allow_ipv4", {"", 0, 0}, "off", "For clients that ask over IPv4, too.", apply_allow_ipv4},
};

}  // namespace

const Directive kDns64 = {
    "dns64",
    {"[CIDR]", 0, 1},
    false,
    "Gives clients that ask over IPv6 AAAA records made of the A records of names that have no AAAA record "
    "(RFC "
    "6147). Names of the mesh are left alone. Unlike CoreDNS, AAAA records with IPv4-mapped addresses do not "
    "count, "
    "and clients that check DNSSEC themselves (DO and CD) get what there is.",
    kDns64Options,
    apply_dns64,
};

}  // namespace meshdns::corefile
