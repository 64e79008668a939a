#include "dns/plugin/templates.hpp"

namespace meshdns::plugin {

Verdict Templates::answer(const wire::QueryView& query, const Client& client,
                          wire::ResponseWriter& out) const {
  for (const TemplateRule& rule : rules_) {
    if (Verdict verdict = rule.answer(query, client, out); verdict.kind != Verdict::Kind::Pass) {
      return verdict;
    }
  }
  return {};
}

}  // namespace meshdns::plugin
