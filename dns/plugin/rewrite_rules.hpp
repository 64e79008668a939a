// RewriteRules: the `rewrite` directives of a block.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <meshdns/result.hpp>
#include <meshdns/rewriting_options.hpp>

#include "dns/plugin/name_pattern.hpp"
#include "dns/plugin/response_change.hpp"
#include "dns/plugin/rewriter.hpp"

namespace meshdns::plugin {

class RewriteRules final : public Rewriter {
 public:
  // Errors: InvalidConfig.
  static Result<std::unique_ptr<RewriteRules>> make(const std::vector<RewriteOptions>& rules);

  std::unique_ptr<const Rewrite> rewrite(const wire::QueryView& query) const override;

 private:
  struct Rule {
    RewriteOptions options;
    NamePattern match;
    std::vector<ResponseChange> changes;  // the same for every query
  };
  struct Draft;  // of a rewritten query

  static Result<Rule> make_rule(const RewriteOptions& options);
  static bool apply(const Rule& rule, Draft& draft);

  std::vector<Rule> rules_;
};

}  // namespace meshdns::plugin
