#include "dns/plugin/templates.hpp"

namespace meshdns::plugin {

Verdict Templates::answer(const wire::QueryView& query, const Client& client,
                          wire::ResponseWriter& out) const {
  std::size_t tallies_before = 0;
  for (const TemplateRule& rule : rules_) {
    if (Verdict verdict = rule.answer(query, client, out); verdict.kind != Verdict::Kind::Pass) {
      for (auto* index : {&verdict.tally, &verdict.failure}) {
        if (*index) {
          **index += tallies_before;
        }
      }
      return verdict;
    }
    tallies_before += rule.tallies().size();
  }
  return {};
}

Written Templates::written(const wire::QueryView& query) const {
  std::vector<std::uint8_t> ignored(wire::kMaxMessageSize);
  for (const TemplateRule& rule : rules_) {
    wire::ResponseWriter writer(query, ignored, ignored.size());
    if (rule.answer(query, {}, writer).kind != Verdict::Kind::Pass) {
      return {.lines = {rule.where()}, .read = {}};
    }
  }
  return {};
}

std::vector<Tally> Templates::tallies() const {
  std::vector<Tally> all;
  for (const TemplateRule& rule : rules_) {
    all.insert(all.end(), rule.tallies().begin(), rule.tallies().end());
  }
  return all;
}

}  // namespace meshdns::plugin
