// TemplateRule: one `template` of a block.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <meshdns/answer_options.hpp>
#include <meshdns/result.hpp>

#include "dns/base/regex.hpp"
#include "dns/plugin/record_template.hpp"
#include "dns/plugin/source.hpp"
#include "dns/plugin/template_tallies.hpp"

namespace meshdns::plugin {

// Immutable.
class TemplateRule {
 public:
  static Result<TemplateRule> make(const TemplateOptions& options,
                                   const std::vector<DomainName>& block_zones);

  // Pass: the next one is asked. The tallies of the verdict are indices into tallies().
  Verdict answer(const wire::QueryView& query, const Client& client, wire::ResponseWriter& out) const;

  const OptionLocation& where() const { return options_.where; }

  const std::vector<Tally>& tallies() const { return tallies_->all(); }

 private:
  struct Asked;    // a query that one of `match_` fits
  struct Failure;  // a record that could not be made

  const std::vector<RecordTemplate>& records_of(TemplateSection section) const {
    return records_[static_cast<std::size_t>(section)];
  }
  bool concerns(const wire::QueryView& query) const;
  bool match(Asked& asked) const;
  std::optional<Failure> write_all(wire::ResponseWriter& out, const Asked& asked, std::uint16_t rcode,
                                   std::optional<DomainName>& alias) const;
  std::optional<Failure> write(wire::ResponseWriter& out, TemplateSection section, const Asked& asked,
                               std::optional<DomainName>& alias) const;

  TemplateOptions options_;  // its zones are those in force
  std::vector<base::Regex> match_;
  std::array<std::vector<RecordTemplate>, 3> records_;  // by TemplateSection
  std::optional<TemplateTallies> tallies_;              // always there once made
};

}  // namespace meshdns::plugin
