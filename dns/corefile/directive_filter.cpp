// Addresses that clients are not told of: filter.
#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/lower_case.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::corefile {
namespace {

Result<void> apply_filter(const Statement& statement, BlockDraft& draft) {
  FilterOptions filter;
  filter.where = location_of(statement.words.front());
  const std::string type = lower_case(statement.words[1].text);
  if (type != "a" && type != "aaaa") {
    return parse_error(statement.words[1],
                       fmt::format("invalid type '{}', expected 'aaaa' or 'a'", statement.words[1].text));
  }
  filter.qtype = type == "a" ? wire::type::A : wire::type::AAAA;
  if (statement.argument_count() == 2) {
    if (statement.words[2].text != "unless-only") {
      return parse_error(
          statement.words[2],
          fmt::format("unknown property '{}', expected 'unless-only' or nothing", statement.words[2].text));
    }
    filter.unless_only = true;
  }
  draft.options.plugins.filter = std::move(filter);
  return {};
}

}  // namespace

const Directive kFilter = {
    "filter",
    {"aaaa|a [unless-only]", 1, 2},
    false,
    "Hides the IPv6 (`aaaa`) or IPv4 (`a`) addresses of names that are forwarded, for hosts that cannot use "
    "them: such a "
    "query is NODATA, with a SOA and the aliases of the name. Other replies, NXDOMAIN among them, stay what "
    "they are; so do "
    "names of the mesh and of other directives, and addresses that HTTPS and SVCB records hint at. With "
    "`unless-only` the "
    "addresses of names that have none of the other family are not hidden, for which the other type is asked "
    "as well. "
    "`dns64` makes AAAA of hidden A. Clients that check DNSSEC themselves (DO and CD) get what there is. "
    "CoreDNS does not "
    "have it.",
    {},
    apply_filter,
};

}  // namespace meshdns::corefile
