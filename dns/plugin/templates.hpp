// template: answers made from the text of the name. The first `template` of the block that fits answers.
#pragma once

#include <vector>

#include "dns/plugin/template_rule.hpp"

namespace meshdns::plugin {

class Templates final : public Source {
 public:
  explicit Templates(std::vector<TemplateRule> rules) : rules_(std::move(rules)) {}

  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "template"; }
  Written written(const wire::QueryView& query) const override;
  std::vector<Tally> tallies() const override;

 private:
  std::vector<TemplateRule> rules_;
};

}  // namespace meshdns::plugin
