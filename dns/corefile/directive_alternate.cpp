// What others may know when a forward does not: alternate.
#include <algorithm>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/rcode_name.hpp"
#include "dns/corefile/upstream_words.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

bool is_taken(const std::vector<AlternateOptions>& alternates, std::uint16_t rcode) {
  return std::ranges::any_of(alternates, [&](const AlternateOptions& other) {
    return std::ranges::find(other.rcodes, rcode) != other.rcodes.end();
  });
}

// `NXDOMAIN,SERVFAIL`; a code that is named twice in one list counts once.
Result<void> read_rcodes(std::string_view list, AlternateOptions& alternate) {
  for (bool is_last = false; !is_last;) {
    const std::string_view name = list.substr(0, list.find(','));
    is_last = name.size() == list.size();
    list.remove_prefix(is_last ? name.size() : name.size() + 1);
    const auto rcode = parse_rcode(name);
    if (!rcode) {
      return std::unexpected(rcode.error());
    }
    if (std::ranges::find(alternate.rcodes, *rcode) == alternate.rcodes.end()) {
      alternate.rcodes.push_back(*rcode);
    }
  }
  return {};
}

Result<void> apply_alternate(const Statement& statement, BlockDraft& draft) {
  AlternateOptions alternate;
  alternate.where = location_of(statement.words.front());
  const std::size_t rcodes = statement.words[1].text == "original" ? 2 : 1;
  if (statement.words.size() < rcodes + 3) {
    return argument_error(statement.words.back());
  }
  if (auto read = read_rcodes(statement.words[rcodes].text, alternate); !read) {
    return read;
  }
  for (const std::uint16_t rcode : alternate.rcodes) {
    if (is_taken(draft.options.alternate, rcode)) {
      return config_error(fmt::format("rcode '{}' is specified more than once", rcode_name(rcode)));
    }
  }
  const Token& from = statement.words[rcodes + 1];
  const auto zone = parse_zone_key(from);
  if (!zone) {
    return std::unexpected(zone.error());
  }
  if (!zone->zones.front().is_root()) {
    draft.warnings.push_back(fmt::format("{}:{}: '{}' is not looked at, an alternate is for every name",
                                         from.source->name, from.line, from.text));
  }
  for (std::size_t i = rcodes + 2; i < statement.words.size(); ++i) {
    const std::string& text = statement.words[i].text;
    if (text.contains("://") && !text.starts_with("dns://")) {
      return config_error("only dns transport allowed");
    }
  }
  auto to = parse_upstreams(statement.words, rcodes + 2);
  if (!to) {
    return std::unexpected(std::move(to.error()));
  }
  if (statement.has_block) {
    return config_error("additional parameters not allowed");
  }
  alternate.to = *std::move(to);
  draft.options.alternate.push_back(std::move(alternate));
  return {};
}

}  // namespace

const Directive kAlternate = {
    "alternate",
    {"[original] RCODE[,RCODE...] . TO...", 3},
    true,
    "Asks other servers when a `forward` of the block ended with one of the codes (`NXDOMAIN`, `servfail`, "
    "...). "
    "`SERVFAIL` stands also for a forward that got no answer and for a name that no `forward` covers, "
    "`REFUSED` for one above its `max_concurrent`. What `template`, `hosts` or `file` answer is final. "
    "A "
    "code may be named once in a block. TO is as in `forward`, without `tls://`; the servers are asked in "
    "the "
    "order in which they are written, also those of a file, which is read again when it changes. A silent "
    "forward and the alternate together stay within 4.4 s. `original` changes nothing. When the forward "
    "answered "
    "NXDOMAIN or NOTIMP to a question for another type than A, and the alternate NXDOMAIN, the forward is "
    "asked "
    "for the address: if it has one, the name exists and the answer is empty instead of NXDOMAIN.",
    {},
    apply_alternate,
};

}  // namespace meshdns::corefile
