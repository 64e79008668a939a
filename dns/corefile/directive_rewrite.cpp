// Asking something else than the client did: rewrite.
#include <vector>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/rewrite_rule.hpp"

namespace meshdns::corefile {
namespace {

// A rule may stand in braces, on several lines.
Result<void> apply_rewrite(const Statement& statement, BlockDraft& draft) {
  std::vector<Token> words(statement.words.begin() + 1, statement.words.end());
  if (words.size() >= 2 && statement.has_block) {
    return parse_error(statement.words.back(),
                       "a rule stands on the line of 'rewrite' or in braces, not both");
  }
  for (const Statement& line : statement.block) {
    if (line.has_block) {
      return parse_error(line.words.back(), "a rule takes no block");
    }
    words.insert(words.end(), line.words.begin(), line.words.end());
  }
  auto rule = read_rewrite_rule(words);
  if (!rule) {
    return parse_error(statement.words.front(), rule.error().what);
  }
  rule->where = location_of(statement.words.front());
  draft.options.plugins.rewrite.push_back(*std::move(rule));
  return {};
}

Result<void> accept_line(const Statement&, BlockDraft&) {
  return {};
}

}  // namespace

const Directive kRewrite = {
    "rewrite",
    {"[continue|stop] RULE..."},
    true,
    R"(Asks something else than the client did; the response has the client's question again. The first rule that
fits ends the search, unless it says `continue`. A rule may also stand in braces, on several lines. RULE is one of

- `name [exact|prefix|suffix|substring|regex] FROM TO [answer ...]`: `{1}` in TO is the first group of a `regex`
  (RE2). `answer auto` gives the name back in owners and data of records too; it is always on with `exact`. `answer
  name RE TO` and `answer value RE TO` do it by expression, for owners or for data.
- `type FROM TO`, `class FROM TO`
- `ttl [exact|prefix|suffix|substring|regex] NAME SECONDS`, or a range `MIN-MAX`, `MIN-`, `-MAX`
- `rcode [exact|prefix|suffix|substring|regex] NAME FROM TO`

A name that becomes one of the mesh is answered by the mesh zone that has it, of whatever block, and never asked
upstream. Unlike CoreDNS, FROM of `prefix` and `substring` is taken as written, without a final dot; `rcode` works on
responses without records, too; `edns0` and `cname` are not supported.)",
    {},
    apply_rewrite,
    accept_line,
};

}  // namespace meshdns::corefile
