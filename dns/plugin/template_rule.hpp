// TemplateRule: one `template` of a block.
#pragma once

#include <vector>

#include <meshdns/answer_options.hpp>
#include <meshdns/result.hpp>

#include "dns/base/regex.hpp"
#include "dns/plugin/record_template.hpp"
#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

// Immutable.
class TemplateRule {
 public:
  static Result<TemplateRule> make(const TemplateOptions& options,
                                   const std::vector<DomainName>& block_zones);

  // Pass: the next one is asked.
  Verdict answer(const wire::QueryView& query, const Client& client, wire::ResponseWriter& out) const;

 private:
  struct Asked;  // a query that one of `match_` fits

  bool concerns(const wire::QueryView& query) const;
  bool match(Asked& asked) const;
  bool write(wire::ResponseWriter& out, wire::Section section, const std::vector<RecordTemplate>& records,
             const Asked& asked, std::optional<DomainName>& alias) const;

  TemplateOptions options_;  // its zones are those in force
  std::vector<base::Regex> match_;
  std::vector<RecordTemplate> answer_;
  std::vector<RecordTemplate> authority_;
  std::vector<RecordTemplate> additional_;
};

}  // namespace meshdns::plugin
